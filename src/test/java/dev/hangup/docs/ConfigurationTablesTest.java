package dev.hangup.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The tables of configuration.md: each key of the blueprints with its kind and its default, and no other. */
class ConfigurationTablesTest {
    private static final Path SOURCES = Path.of("src/main/java/dev/hangup");
    private static final Pattern READ = Pattern.compile("config\\.get\\(\"([a-z-]+)\"\\)");

    @ParameterizedTest
    @MethodSource("blueprints")
    void tellsWhatTheBlueprintSays(ConfigurationTable table) {
        assertEquals(lines(BlueprintReader.read(table.source())), lines(table.rows()));
    }

    /** It has no blueprint. */
    @Test
    void tellsWhichKeysCoalescingReads() throws IOException {
        for (ConfigurationTable table : tables().filter(it -> !isBlueprint(it.source())).toList()) {
            assertEquals(READ.matcher(Files.readString(table.source())).results().map(it -> it.group(1)).sorted().toList(),
                         table.rows().stream().map(ConfigurationTable.Row::key).sorted().toList());
        }
    }

    @Test
    void hasATableForEachBlueprint() throws IOException {
        List<Path> described = tables().map(ConfigurationTable::source).toList();
        try (Stream<Path> files = Files.walk(SOURCES)) {
            List<Path> missing = files.filter(it -> isBlueprint(it) && !described.contains(it)).toList();
            assertEquals(List.of(), missing);
        }
        assertTrue(described.stream().allMatch(Files::exists), described.toString());
    }

    private static Stream<ConfigurationTable> tables() {
        return ConfigurationTable.all().stream();
    }

    private static Stream<ConfigurationTable> blueprints() {
        return tables().filter(it -> isBlueprint(it.source()));
    }

    private static boolean isBlueprint(Path source) {
        return source.toString().endsWith("Blueprint.java");
    }

    private static String lines(List<ConfigurationTable.Row> rows) {
        return rows.stream()
                .map(it -> it.key() + ": " + it.kind() + it.value().map(value -> ", " + value).orElse(""))
                .sorted()
                .collect(Collectors.joining("\n"));
    }
}
