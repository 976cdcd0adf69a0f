package dev.hangup;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Which package uses which, as the sources say it: one way, and without circles. */
class ArchitectureTest {
    private static final String ROOT = "dev.hangup";

    /** From the top down. A package uses those in the rows below its own, and in its own row only if that is a pair. */
    private static final List<Row> ROWS = List.of(
            Row.of("internal.server"),
            Row.of("metrics", "observe"),
            Row.of("coalescing", "cpu", "isolated", "process", "sql", "sse", "client"),
            Row.of("internal.cluster"),
            Row.of("admission"),
            // the deadline and the cancellation of the current request are found by asking its race
            Row.pair("", "internal.race"),
            Row.of("internal.abandonment", "internal.metrics"),
            Row.of("internal.outcome", "internal.response"),
            Row.of("internal.http1"),
            Row.of("internal.http2"),
            Row.of("internal.connection"),
            Row.of("internal.carriers"),
            Row.of("abandonment", "cluster", "outcome", "tls"),
            Row.of("internal.address", "internal.config", "internal.time"),
            Row.of("internal.text"));

    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
    private static final Pattern USED = Pattern.compile("\\b(dev\\.hangup(?:\\.[a-z]\\w*)*)\\.[A-Z]");
    private static final Pattern NO_CODE = Pattern.compile("/\\*.*?\\*/|//[^\\n]*|\"\"\".*?\"\"\"|\"(?:[^\"\\\\\\n]|\\\\.)*\"",
                                                           Pattern.DOTALL);

    private final Map<String, Set<String>> uses = usesByPackage();

    @Test
    void importsRunDownwards() {
        List<String> wrong = new ArrayList<>();
        uses.forEach((from, all) -> all.stream()
                .filter(to -> !mayUse(from, to))
                .forEach(to -> wrong.add(from + " uses " + to)));
        assertEquals(List.of(), wrong);
    }

    @Test
    void thereAreNoCirclesButThatOfTheRootAndTheRace() {
        Set<Set<String>> circles = new HashSet<>();
        for (String from : uses.keySet()) {
            for (String to : reachable(from)) {
                if (!from.equals(to) && reachable(to).contains(from)) {
                    circles.add(Set.of(from, to));
                }
            }
        }
        circles.remove(Set.of(ROOT, ROOT + ".internal.race"));
        assertEquals(Set.of(), circles);
    }

    @Test
    void everyPackageHasItsRow() {
        Set<String> placed = new TreeSet<>();
        ROWS.forEach(row -> placed.addAll(row.packages));
        assertEquals(uses.keySet(), placed);
    }

    private static boolean mayUse(String from, String to) {
        int upper = row(from);
        int lower = row(to);
        return upper < lower || upper == lower && ROWS.get(upper).pair;
    }

    private static int row(String name) {
        for (int i = 0; i < ROWS.size(); i++) {
            if (ROWS.get(i).packages.contains(name)) {
                return i;
            }
        }
        throw new AssertionError(name + " has no row");
    }

    private Set<String> reachable(String from) {
        Set<String> seen = new HashSet<>();
        List<String> next = new ArrayList<>(uses.getOrDefault(from, Set.of()));
        while (!next.isEmpty()) {
            String each = next.removeLast();
            if (seen.add(each)) {
                next.addAll(uses.getOrDefault(each, Set.of()));
            }
        }
        return seen;
    }

    private static Map<String, Set<String>> usesByPackage() {
        Map<String, Set<String>> uses = new TreeMap<>();
        try (Stream<Path> files = Files.walk(Path.of("src/main"))) {
            for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
                String code = NO_CODE.matcher(Files.readString(file)).replaceAll("");
                Matcher own = PACKAGE.matcher(code);
                if (own.find()) {
                    Set<String> used = uses.computeIfAbsent(own.group(1), it -> new TreeSet<>());
                    USED.matcher(code).results().map(it -> it.group(1)).filter(it -> !it.equals(own.group(1)))
                            .forEach(used::add);
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertTrue(uses.size() > 10, uses.toString());
        return uses;
    }

    private record Row(List<String> packages, boolean pair) {
        static Row of(String... names) {
            return new Row(full(names), false);
        }

        static Row pair(String one, String other) {
            return new Row(full(one, other), true);
        }

        private static List<String> full(String... names) {
            return Stream.of(names).map(it -> it.isEmpty() ? ROOT : ROOT + "." + it).toList();
        }
    }
}
