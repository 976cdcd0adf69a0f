package dev.hangup.docs;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.hangup.HangupConfig;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBoundConfig;
import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.isolated.IsolatedConfig;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The ranges of configuration.md: the code takes the values at each bound, and refuses those just outside by their key. And the
 * defaults that no blueprint states.
 */
class ConfigurationRangesTest {
    private static final String BOUND = "([\\d,]+(?: [A-Za-z]+)?|`[a-z-]+`)";
    private static final Pattern RANGE = Pattern.compile("(?:at least )?" + BOUND + "(?: to " + BOUND + ")?(?:, (.*))?");
    private static final Map<String, Long> UNITS = Map.of(
            "ms", 1_000_000L, "s", 1_000_000_000L, "min", 60_000_000_000L, "h", 3600_000_000_000L, "day", 86_400_000_000_000L,
            "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "PiB", 1L << 50);
    /** What has to be set, too, for a key to be at its bounds. */
    private static final Map<String, Map<String, String>> COMPANIONS = Map.of(
            "server.features.hangup.max-deadline", Map.of("server.features.hangup.deadline", "1ms"),
            "server.features.hangup.drain", Map.of("server.shutdown-grace-period", "P2D"),
            "isolated.max-bytes", Map.of("isolated.heap", "8GB"),
            "isolated.heap", Map.of("isolated.max-bytes", "1"));

    @ParameterizedTest
    @MethodSource("numbers")
    void boundsAreTakenAndValuesJustOutsideAreRefused(ConfigurationTable table, ConfigurationTable.Row row) {
        Matcher range = RANGE.matcher(row.range());
        assertTrue(range.matches(), "no range: " + row.range());
        long from = number(range.group(1), table);
        assertTaken(table, row, from);
        assertRefused(table, row, from - 1);
        if (range.group(2) != null) {
            long to = number(range.group(2), table);
            assertTaken(table, row, to);
            assertRefused(table, row, to + 1);
        }
        if (range.group(3) != null) {
            condition(table, row.key(), range.group(3));
        }
    }

    @ParameterizedTest
    @MethodSource("unreadable")
    void whatCannotBeReadIsRefused(ConfigurationTable table, ConfigurationTable.Row row) {
        assertRefused(table, row.key(), "maybe", Map.of());
    }

    @ParameterizedTest
    @MethodSource("words")
    void eachWordOfTheListIsTaken(ConfigurationTable table, ConfigurationTable.Row row) {
        List<String> words = Arrays.stream(row.range().split(", ")).map(it -> it.replace("`", "")).toList();
        assertTrue(words.size() > 1, row.range());
        words.forEach(it -> assertTaken(table, row.key(), it, Map.of()));
    }

    @ParameterizedTest
    @MethodSource("others")
    void conditionsInWordsHold(ConfigurationTable table, ConfigurationTable.Row row) {
        condition(table, row.key(), row.range());
    }

    @Test
    void defaultsInWordsAreThoseOfTheCode() {
        int processors = Runtime.getRuntime().availableProcessors();
        assertWords("## Computations", "parallelism", "number of processors", processors, CpuBoundConfig.create().parallelism());
        assertWords("## Isolated work", "size", "number of processors", processors, IsolatedConfig.create().size());
        assertWords("## The feature", "max-carriers", "halfway between the number of processors and 256",
                    (processors + 256) / 2, CarrierGuard.defaultMax());
        assertWords("## The feature", "paths", "none", List.of(), HangupConfig.create().paths());
        assertWords("## Isolated work", "options", "none", List.of(), IsolatedConfig.create().options());
        assertWords("## Coalescing", "deadline", "`deadline` of the feature", Optional.empty(), ofCoalescing("deadline"));
    }

    /** It has no blueprint. */
    @Test
    void defaultsOfCoalescingAreThoseOfItsBuilder() {
        List<ConfigurationTable.Row> rows = table("## Coalescing").rows().stream().filter(it -> it.value().isPresent()).toList();
        assertTrue(rows.size() > 2, rows.toString());
        rows.forEach(it -> assertEquals(it.value().orElseThrow(), ofCoalescing(it.key()).toString(), it.key()));
    }

    /** What a table says of the ranges of a key in words. */
    private static void condition(ConfigurationTable table, String key, String words) {
        switch (words) {
        case "less than `shutdown-grace-period` of each socket that Hangup is active on" -> {
            Map<String, String> grace = Map.of("server.shutdown-grace-period", "PT2S", "server.sockets.0.name", "admin",
                                               "server.sockets.0.port", "0", "server.sockets.0.shutdown-grace-period", "PT1S");
            assertTaken(table, key, "PT0.999999999S", grace);
            assertRefused(table, key, "PT1S", grace);
        }
        case "at least four times `max-bytes`" -> {
            long bytes = Long.parseLong(table.row("max-bytes").value().orElseThrow());
            assertTaken(table, key, String.valueOf(4 * bytes), Map.of());
            assertRefused(table, key, String.valueOf(4 * bytes - 1), Map.of());
        }
        case "or less than `jdk.virtualThreadScheduler.maxPoolSize` if that is set" -> {
            String before = System.setProperty("jdk.virtualThreadScheduler.maxPoolSize", "1000");
            try {
                assertTaken(table, key, "999", Map.of());
                assertRefused(table, key, "1000", Map.of());
            } finally {
                if (before == null) {
                    System.clearProperty("jdk.virtualThreadScheduler.maxPoolSize");
                } else {
                    System.setProperty("jdk.virtualThreadScheduler.maxPoolSize", before);
                }
            }
        }
        case "or 100 ms to 1 day" -> {
            assertTaken(table, key, "PT0.1S", Map.of());
            assertTaken(table, key, "P1D", Map.of());
            assertRefused(table, key, "PT0.099999999S", Map.of());
            assertRefused(table, key, "P1DT0.000000001S", Map.of());
        }
        case "begins with `/`" -> {
            assertTaken(table, key, "/a", Map.of());
            assertRefused(table, key, "a", Map.of());
        }
        case "begin with `/`" -> {
            assertTaken(table, key + ".0", "/a", Map.of());
            assertRefused(table, key + ".0", "a", Map.of());
        }
        case "not beside `methods`" -> {
            assertTaken(table, key + ".0", "POST", Map.of());
            assertRefused(table, key, Map.of(node(table) + "." + key + ".0", "POST", node(table) + ".methods.0", "GET"));
        }
        case "names of sockets" -> {
            assertTaken(table, key + ".0", "@default", Map.of());
            assertRefused(table, key, Map.of(node(table) + "." + key + ".0", "none"));
        }
        default -> throw new AssertionError("What does that mean: " + words);
        }
    }

    private static Stream<Arguments> numbers() {
        return rows(row -> row.kind().equals("duration") || row.kind().equals("integer"));
    }

    private static Stream<Arguments> unreadable() {
        // enabled is read by Helidon, to which a word that it does not know is false
        return rows(row -> List.of("duration", "integer", "number", "boolean", "word").contains(row.kind())
                && !row.key().equals("enabled"));
    }

    private static Stream<Arguments> words() {
        return rows(row -> row.kind().equals("word"));
    }

    private static Stream<Arguments> others() {
        return rows(row -> !row.range().isEmpty() && !List.of("duration", "integer", "word").contains(row.kind()));
    }

    private static Stream<Arguments> rows(Predicate<ConfigurationTable.Row> which) {
        return ConfigurationTable.all().stream()
                .flatMap(table -> table.rows().stream().filter(which).map(row -> Arguments.of(table, row)));
    }

    /** A bound, in nanoseconds if it is a duration. */
    private static long number(String bound, ConfigurationTable table) {
        if (bound.startsWith("`")) {
            String value = Stream.concat(Stream.of(table), ConfigurationTable.all().stream())
                    .flatMap(it -> it.rows().stream())
                    .filter(it -> it.key().equals(bound.replace("`", "")))
                    .findFirst().orElseThrow()
                    .value().orElseThrow();
            return value.startsWith("P") ? Duration.parse(value).toNanos() : Long.parseLong(value);
        }
        String[] parts = bound.replace(",", "").split(" ");
        return Long.parseLong(parts[0]) * (parts.length == 1 ? 1 : UNITS.get(parts[1]));
    }

    private static void assertTaken(ConfigurationTable table, ConfigurationTable.Row row, long number) {
        assertTaken(table, row.key(), text(row, number), COMPANIONS.getOrDefault(table.node() + "." + row.key(), Map.of()));
    }

    private static void assertRefused(ConfigurationTable table, ConfigurationTable.Row row, long number) {
        assertRefused(table, row.key(), text(row, number), COMPANIONS.getOrDefault(table.node() + "." + row.key(), Map.of()));
    }

    private static String text(ConfigurationTable.Row row, long number) {
        return row.kind().equals("duration") ? Duration.ofNanos(number).toString() : String.valueOf(number);
    }

    private static void assertTaken(ConfigurationTable table, String key, String value, Map<String, String> companions) {
        Map<String, String> values = new HashMap<>(companions);
        values.put(node(table) + "." + key, value);
        assertDoesNotThrow(() -> build(table, values), values.toString());
    }

    private static void assertRefused(ConfigurationTable table, String key, String value, Map<String, String> companions) {
        Map<String, String> values = new HashMap<>(companions);
        values.put(node(table) + "." + key, value);
        assertRefused(table, key, values);
    }

    private static void assertRefused(ConfigurationTable table, String key, Map<String, String> values) {
        Exception refusal = assertThrows(RuntimeException.class, () -> build(table, values), values.toString());
        Pattern named = Pattern.compile(Pattern.quote(node(table) + "." + key) + "(?![-.\\w])");
        assertTrue(named.matcher(String.valueOf(refusal.getMessage())).find(), values + ": " + refusal);
    }

    private static String node(ConfigurationTable table) {
        return table.node().endsWith(".paths") ? table.node() + ".0" : table.node();
    }

    private static void build(ConfigurationTable table, Map<String, String> values) {
        Map<String, String> all = new HashMap<>(values);
        if (table.node().endsWith(".paths")) {
            all.putIfAbsent(node(table) + ".path", "/a");
        }
        Config config = Config.just(ConfigSources.create(all));
        switch (table.node()) {
        case "cpu" -> CpuBoundConfig.create(config.get("cpu"));
        // the configuration alone, since an Isolated starts its workers
        case "isolated" -> IsolatedConfig.create(config.get("isolated"));
        // the configuration alone, since a member needs keys
        case "server.features.hangup.cluster" -> ClusterConfig.create(config.get(table.node()));
        case "search" -> Coalescing.<String, String>builder().key(request -> "").computing(key -> key)
                .config(config.get("search")).build();
        default -> WebServer.builder().config(config.get("server")).shutdownHook(false).host("localhost").build();
        }
    }

    private static void assertWords(String heading, String key, String words, Object expected, Object inCode) {
        assertEquals(words, table(heading).row(key).words());
        assertEquals(expected, inCode, key);
    }

    private static ConfigurationTable table(String heading) {
        return ConfigurationTable.all().stream().filter(it -> it.heading().equals(heading)).findFirst().orElseThrow();
    }

    private static Object ofCoalescing(String key) {
        StringBuilder name = new StringBuilder(key);
        for (int dash = name.indexOf("-"); dash >= 0; dash = name.indexOf("-")) {
            name.replace(dash, dash + 2, name.substring(dash + 1, dash + 2).toUpperCase());
        }
        try {
            Coalescing.Builder<String, String> builder = Coalescing.builder();
            Field field = Coalescing.Builder.class.getDeclaredField(name.toString());
            field.setAccessible(true);
            return field.get(builder);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
