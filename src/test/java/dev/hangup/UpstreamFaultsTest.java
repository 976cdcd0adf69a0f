package dev.hangup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** The list of upstream faults has each case that shows one, and none that there is not. Each work-around that it names exists. */
class UpstreamFaultsTest {
    private static final Path DOCUMENT = Path.of("src", "doc", "upstream-faults.md");
    private static final Path TESTS = Path.of("src", "test", "java");
    private static final Pattern CASE = Pattern.compile("^ {4}@WorkedAroundBy\\(.*?^ {4}void (\\w+)\\(",
                                                        Pattern.MULTILINE | Pattern.DOTALL);
    private static final List<Path> SOURCES = List.of(Path.of("src", "main"), Path.of("src", "demo"), TESTS);
    /** The third column of a row that begins with a number. */
    private static final Pattern WORK_AROUNDS = Pattern.compile("^\\| \\d+ \\|[^|]*\\|([^|]*)\\|", Pattern.MULTILINE);
    private static final Pattern WORK_AROUND = Pattern.compile("`([^`]+)`");
    private static final Pattern LISTED = Pattern.compile("`(\\w+Test\\.\\w+)`");

    @Test
    void eachCaseIsListed() throws IOException {
        Set<String> listed = new TreeSet<>();
        LISTED.matcher(Files.readString(DOCUMENT)).results().forEach(it -> listed.add(it.group(1)));
        assertEquals(String.join("\n", cases()), String.join("\n", listed));
    }

    /** The table names types, and members of types, as {@code `Type`} and {@code `Type.member`}. */
    @Test
    void eachWorkAroundExists() throws IOException {
        Map<String, String> sources = sources();
        List<List<String>> rows = WORK_AROUNDS.matcher(Files.readString(DOCUMENT)).results()
                .map(row -> WORK_AROUND.matcher(row.group(1)).results().map(it -> it.group(1)).toList())
                .toList();
        assertFalse(rows.isEmpty());
        assertEquals(-1, rows.indexOf(List.of()), "a row without a work-around");
        List<String> missing = rows.stream()
                .flatMap(List::stream)
                .filter(it -> !exists(it.split("\\.", 2), sources))
                .toList();
        assertEquals(List.of(), missing);
    }

    private static boolean exists(String[] typeAndMember, Map<String, String> sources) {
        String source = sources.get(typeAndMember[0]);
        return source != null && (typeAndMember.length == 1
                || Pattern.compile("\\b" + typeAndMember[1] + "\\b").matcher(source).find());
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path root : SOURCES) {
            try (Stream<Path> files = Files.walk(root)) {
                for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
                    sources.putIfAbsent(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return sources;
    }

    private static Set<String> cases() throws IOException {
        Set<String> cases = new TreeSet<>();
        try (Stream<Path> files = Files.walk(TESTS)) {
            for (Path file : files.filter(it -> it.toString().endsWith("Test.java")).toList()) {
                Matcher matcher = CASE.matcher(Files.readString(file));
                while (matcher.find()) {
                    cases.add(file.getFileName().toString().replace(".java", ".") + matcher.group(1));
                }
            }
        }
        return cases;
    }
}
