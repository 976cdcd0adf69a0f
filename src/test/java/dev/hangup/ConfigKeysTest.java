package dev.hangup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBound;
import dev.hangup.internal.config.ConfigNode;
import dev.hangup.isolated.Isolated;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Keys that nobody knows, and values as people write them. */
class ConfigKeysTest {
    private static final Pattern OPTION = Pattern.compile("@Option\\.Configured\\s(?:\\s*@[^\\n]*\\n)*\\s*[\\w<>.]+ (\\w+)\\(\\);");

    @ParameterizedTest
    @CsvSource({
            "deadlin,                  deadline",
            "dead-line,                deadline",
            "readAhead,                read-ahead",
            "max-unresponsve,          max-unresponsive",
            "abandonment.modus,  mode",
            "abandonment.windov, window"})
    void unknownKeyIsNamedWithTheNearestKnownOne(String key, String nearest) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> Hangup.create(node("x", Map.of("x." + key, "1"))));
        assertEquals("x." + key + " is unknown; did you mean " + nearest + "?", refusal.getMessage());
    }

    @Test
    void unknownKeyOfAPath() {
        ConfigException refusal = assertThrows(ConfigException.class, () -> Hangup.create(
                node("x", Map.of("x.paths.0.path", "/a", "x.paths.0.method", "GET"))));
        assertEquals("x.paths.0.method is unknown; did you mean methods?", refusal.getMessage());
    }

    @Test
    void unknownKeysOfWhatIsConfiguredByItself() {
        assertUnknown("c.paralelism", () -> CpuBound.create(node("c", Map.of("c.paralelism", "2"))));
        assertUnknown("i.heep", () -> Isolated.create(node("i", Map.of("i.heep", "64MB"))));
        assertUnknown("s.linger", () -> Coalescing.builder().config(node("s", Map.of("s.linger", "1s"))));
    }

    @Test
    void keysThatHelidonReadsOfEveryServiceAreKnown() {
        Hangup.create(node("x", Map.of("x.enabled", "true", "x.type", "hangup", "x.name", "hangup")));
    }

    @Test
    void keysOfSystemPropertiesAreNotLookedAt() {
        System.setProperty("x.from-somewhere.else", "1");
        try {
            Hangup.create(node("x", Map.of("x.from-somewhere.else", "1")));
        } finally {
            System.clearProperty("x.from-somewhere.else");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hangup", "abandonment/Abandonment", "HangupPath", "cpu/CpuBound", "isolated/Isolated"})
    void everyOptionIsKnown(String name) throws IOException {
        String blueprint = source(name + "ConfigBlueprint");
        Set<String> options = OPTION.matcher(blueprint).results()
                .map(it -> it.group(1).replaceAll("([A-Z])", "-$1").toLowerCase())
                .collect(Collectors.toCollection(TreeSet::new));
        Matcher keys = Pattern.compile("KEYS = Set\\.of\\(([^)]*)\\)").matcher(source(name + "ConfigSupport"));
        assertEquals(true, keys.find());
        Set<String> known = Pattern.compile("\"([^\"]+)\"").matcher(keys.group(1)).results().map(it -> it.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(options, known);
    }

    @ParameterizedTest
    @CsvSource({"10s, PT10S", "500ms, PT0.5S", "1.5 h, PT1H30M", "2m, PT2M", "1d, PT24H", "0s, PT0S", "0, PT0S", "PT7S, PT7S"})
    void durations(String text, Duration duration) {
        assertEquals(duration, ConfigNode.duration(node("x", Map.of("x", text))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "s", "10 sec", "10S", "-1s", "1e3s", "abc", "", "99999999999999999d", "1,5s"})
    void whatIsNoDurationIsRefused(String text) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> ConfigNode.duration(node("x", Map.of("x", text))));
        assertEquals("x must be a duration such as 10s, 500ms or PT10S, but is " + text, refusal.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"2MB, 2097152", "2 MiB, 2097152", "2mb, 2000000", "64KB, 65536", "1.5 KB, 1536", "2097152, 2097152", "1GB, 1073741824"})
    void numbersOfBytes(String text, long bytes) {
        assertEquals(bytes, ConfigNode.bytes(node("x", Map.of("x", text))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "MB", "2XB", "1.5", "99999999999999999999", "abc", "2 MB x"})
    void whatIsNoNumberOfBytesIsRefused(String text) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> ConfigNode.bytes(node("x", Map.of("x", text))));
        assertEquals("x must be a number of bytes such as 2097152 or 2MB, but is " + text, refusal.getMessage());
    }

    @Test
    void buildersTakeThem() {
        HangupConfig hangup = Hangup.create(node("x", Map.of("x.deadline", "7s", "x.drain", "1s", "x.read-ahead", "1MB",
                "x.read-ahead-total", "64 MB", "x.stall-limit", "90s", "x.min-rate", "1KB", "x.abandonment.window", "1m", "x.paths.0.path", "/a",
                "x.paths.0.deadline", "2s"))).prototype();
        assertEquals(Duration.ofSeconds(7), hangup.deadline());
        assertEquals(Duration.ofSeconds(1), hangup.drain().orElseThrow());
        assertEquals(1024 * 1024, hangup.readAhead());
        assertEquals(64L * 1024 * 1024, hangup.readAheadTotal().orElseThrow());
        assertEquals(Duration.ofSeconds(90), hangup.stallLimit());
        assertEquals(1024, hangup.minRate());
        assertEquals(Duration.ofMinutes(1), hangup.abandonment().window());
        assertEquals(Duration.ofSeconds(2), hangup.paths().getFirst().deadline().orElseThrow());
        assertEquals(Duration.ofSeconds(2), CpuBound.create(node("c", Map.of("c.retry-after", "2s"))).prototype().retryAfter());
    }

    private static void assertUnknown(String key, Runnable builder) {
        ConfigException refusal = assertThrows(ConfigException.class, builder::run);
        assertEquals(key + " is unknown", refusal.getMessage().split(";")[0]);
    }

    private static String source(String name) {
        try {
            return Files.readString(Path.of("src/main/java/dev/hangup", name + ".java"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Config node(String key, Map<String, String> values) {
        return Config.just(ConfigSources.create(values)).get(key);
    }
}
