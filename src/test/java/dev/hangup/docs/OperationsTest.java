package dev.hangup.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.hangup.outcome.Outcome;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The words of operations.md that people build alarms and searches on. */
class OperationsTest {
    private static final Document OPERATIONS = Document.named("operations.md");
    private static final Pattern METER = Pattern.compile("\"(hangup(?:\\.[a-z0-9]+)+)\",");
    private static final Pattern NAME = Pattern.compile("`(hangup_[a-z0-9_]+?)(?:_total|_seconds|_bytes)?`");

    @Test
    void tableOfMetersHasEachMeter() throws IOException {
        Set<String> meters = new TreeSet<>();
        try (Stream<Path> sources = Stream.concat(Files.list(Path.of("src/main/java/dev/hangup/metrics")),
                                                  Files.list(Path.of("src/main/java/dev/hangup/internal/metrics")))) {
            for (Path source : sources.toList()) {
                // the line's end may have parted the name from what follows
                METER.matcher(Files.readString(source).replaceAll("(hangup[a-z0-9.]+\")\\)", "$1,")).results()
                        .map(it -> it.group(1).replace('.', '_'))
                        .forEach(meters::add);
            }
        }
        assertEquals(meters, OPERATIONS.tableBelow("## Metrics").stream()
                .flatMap(it -> NAME.matcher(it.getFirst()).results())
                .map((MatchResult it) -> it.group(1))
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void tableOfOutcomesHasEachOutcome() {
        assertEquals(Stream.of(Outcome.values()).map(Outcome::text).toList(),
                     List.copyOf(OPERATIONS.tableBelow("## How a request ends").stream()
                                         .map(it -> it.getFirst().replace("`", ""))
                                         .toList()));
    }
}
