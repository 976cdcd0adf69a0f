package dev.hangup;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.http.Method;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Hangup as users of Helidon configure it: found on the class path, under {@code server.features.hangup}. */
class ConfigTest {
    private static final String HANGUP = "server.features.hangup.";

    @Test
    void featureIsFoundAndReadsItsNode() {
        WebServer server = configured(Map.of(HANGUP + "deadline", "PT7S")).build().start();
        try (RawClient client = RawClient.connect(server.port())) {
            client.get("/deadline");
            long left = Long.parseLong(client.read().text());
            assertTrue(left > 5_000 && left <= 7_000, left + " ms left");
        } finally {
            server.stop();
        }
    }

    @Test
    void featureThatIsAddedInCodeIsNotFoundOnceMore() {
        WebServer server = configured(Map.of(HANGUP + "deadline", "PT7S"))
                .addFeature(Hangup.builder().deadline(Duration.ofSeconds(20)).build())
                .build()
                .start();
        try (RawClient client = RawClient.connect(server.port())) {
            client.get("/deadline");
            assertTrue(Long.parseLong(client.read().text()) > 10_000);
        } finally {
            server.stop();
        }
    }

    /** Helidon discovers one by the name hangup, too. */
    @Test
    void secondFeatureOnASocketIsRefused() {
        Exception refused = assertThrows(ConfigException.class, () -> configured(Map.of())
                .addFeature(Hangup.builder().name("second").build())
                .build());
        assertTrue(refused.getMessage().matches("server\\.features\\.hangup\\.sockets .* @default .*"), refused.getMessage());
    }

    @Test
    void featuresOnSocketsOfTheirOwnAreAccepted() {
        assertDoesNotThrow(() -> configured(Map.of(HANGUP + "sockets.0", "@default", "server.sockets.0.name", "admin"))
                .addFeature(Hangup.builder().name("second").sockets(Set.of("admin")).build())
                .build());
    }

    @Test
    void oneLineAtTheStartSaysWhereItIsActive() {
        try (Logged log = Logged.allBy("dev.hangup")) {
            WebServer server = configured(Map.of(HANGUP + "deadline", "7s", "server.sockets.0.name", "admin",
                                                 "server.sockets.0.port", "0", "server.max-tcp-connections", "10",
                                                 "server.sockets.0.max-tcp-connections", "10")).build();
            assertEquals(List.of(), log.trail().events());
            server.start().stop();
            assertEquals(List.of("Hangup is active on @default, admin: deadline PT7S, clients that leave are noticed"),
                         log.trail().events());
        }
    }

    /** Values out of range are in {@code ConfigurationRangesTest}. */
    @Test
    void patternOfAPathThatIsMalformedIsRefusedByItsKey() {
        assertRefused("paths.0.path", Map.of(HANGUP + "paths.0.path", "/{work"));
    }

    @Test
    void methodOfAPathThatIsNoneIsRefusedByItsKey() {
        assertRefused("paths.0.methods.0", Map.of(HANGUP + "paths.0.path", "/work", HANGUP + "paths.0.methods.0", "G ET"));
    }

    @Test
    void exclusionThatIsWrongIsRefusedByItsKey() {
        assertRefused("paths.0.exclude-methods.1", Map.of(HANGUP + "paths.0.path", "/*",
                                                          HANGUP + "paths.0.exclude-methods.0", "PUT",
                                                          HANGUP + "paths.0.exclude-methods.1", "P UT"));
        assertRefused("paths.0.exclude-methods", Map.of(HANGUP + "paths.0.path", "/*", HANGUP + "paths.0.methods.0", "GET",
                                                        HANGUP + "paths.0.exclude-methods.0", "POST"));
        assertRefused("paths.0.exclude-paths.0", Map.of(HANGUP + "paths.0.path", "/*",
                                                        HANGUP + "paths.0.exclude-paths.0", "work"));
        assertRefused("paths.1.exclude-paths.0", Map.of(HANGUP + "paths.0.path", "/a", HANGUP + "paths.1.path", "/*",
                                                        HANGUP + "paths.1.exclude-paths.0", "/{work"));
    }

    @Test
    void pathIsRequired() {
        assertRefused("paths.0", Map.of(HANGUP + "paths.0.deadline", "PT2S"));
    }

    @Test
    void maximumBelowTheDefaultSaysWhatElseToSet() {
        String message = refused(Map.of(HANGUP + "max-deadline", "PT10S"));
        assertTrue(message.contains(HANGUP + "deadline") && message.contains("max-deadline"), message);
    }

    @Test
    void drainIsComparedWithEverySocketsGrace() {
        String message = refused(Map.of(HANGUP + "drain", "PT0.3S",
                                        "server.sockets.0.name", "admin",
                                        "server.sockets.0.port", "0",
                                        "server.sockets.0.shutdown-grace-period", "PT0.2S"));
        assertTrue(message.contains(HANGUP + "drain") && message.contains("admin"), message);
    }

    @Test
    void drainThatWasNotSetGoesWithAnyGrace() {
        assertDoesNotThrow(() -> configured(Map.of("server.shutdown-grace-period", "PT0S")).build());
    }

    @Test
    void socketsThatAreNotNamedDoNotCount() {
        assertDoesNotThrow(() -> configured(Map.of(HANGUP + "drain", "PT0.3S",
                                                   HANGUP + "sockets.0", "@default",
                                                   "server.sockets.0.name", "admin",
                                                   "server.sockets.0.port", "0",
                                                   "server.sockets.0.shutdown-grace-period", "PT0.2S")).build());
    }

    @Test
    void boundsThemselvesAreAccepted() {
        assertDoesNotThrow(() -> configured(Map.of(HANGUP + "max-deadline", "PT24H",
                                                   HANGUP + "deadline", "PT24H",
                                                   HANGUP + "disconnected-status", "599",
                                                   HANGUP + "retry-after", "PT1H",
                                                   HANGUP + "stall-limit", "0s",
                                                   HANGUP + "min-rate", "0",
                                                   HANGUP + "drain", "PT0S",
                                                   HANGUP + "lingering-close", "PT0S",
                                                   HANGUP + "unresponsive-after", "PT1H",
                                                   HANGUP + "max-unresponsive", "1")).build());
        assertDoesNotThrow(() -> configured(Map.of(HANGUP + "read-ahead", "65536",
                                                   HANGUP + "read-ahead-per-address", "65536",
                                                   HANGUP + "read-ahead-total", "65536")).build());
    }

    @Test
    void zeroNeedsNoUnit() {
        assertDoesNotThrow(() -> configured(Map.of(HANGUP + "stall-limit", "0",
                                                   HANGUP + "drain", "0",
                                                   HANGUP + "shutdown-delay", "0",
                                                   HANGUP + "lingering-close", "0")).build());
        assertDoesNotThrow(() -> Coalescing.builder().config(config(Map.of("keep-running", "0", "cache-for", "0"))));
        assertRefused("deadline must be from PT0.001S", Map.of(HANGUP + "deadline", "0"));
    }

    @Test
    void pathsAreReadWithMethodsAndDeadline() {
        HangupConfig config = HangupConfig.create(config(Map.of(HANGUP + "paths.0.path", "/work/*",
                                                                HANGUP + "paths.0.methods.0", "GET",
                                                                HANGUP + "paths.0.methods.1", "POST",
                                                                HANGUP + "paths.0.deadline", "PT5S",
                                                                HANGUP + "paths.1.path", "/other",
                                                                HANGUP + "paths.1.exclude-methods.0", "PUT",
                                                                HANGUP + "paths.1.exclude-paths.0", "/other/{id}"))
                                                          .get("server.features.hangup"));
        assertEquals(List.of("/work/*", "/other"), config.paths().stream().map(HangupPathConfig::path).toList());
        assertEquals(2, config.paths().getFirst().methods().size());
        assertEquals(Duration.ofSeconds(5), config.paths().getFirst().deadline().orElseThrow());
        assertEquals(List.of(Method.PUT), config.paths().getLast().excludeMethods());
        assertEquals(List.of("/other/{id}"), config.paths().getLast().excludePaths());
    }

    @Test
    void abandonmentIsRead() {
        AbandonmentConfig abandonment = HangupConfig.create(config(Map.of("mode", "refuse", "abandoned", "7", "window", "1m",
                                                                          "max-clients", "99"), "abandonment.")).abandonment();
        assertEquals(AbandonmentMode.REFUSE, abandonment.mode());
        assertEquals(7, abandonment.abandoned());
        assertEquals(Duration.ofMinutes(1), abandonment.window());
        assertEquals(99, abandonment.maxClients());
    }

    @Test
    void abandonmentIsOffByDefault() {
        assertEquals(AbandonmentMode.OFF, HangupConfig.create().abandonment().mode());
        assertEquals(AbandonmentMode.OFF, HangupConfig.create(config(Map.of("abandoned", "7"), "abandonment.")).abandonment().mode());
    }

    /** A YAML parser takes the word for a boolean. */
    @Test
    void abandonmentThatIsOffInYamlIsOff() {
        Config yaml = Config.just(ConfigSources.create("abandonment: {mode: off}", MediaTypes.APPLICATION_YAML));
        assertEquals(AbandonmentMode.OFF, HangupConfig.create(yaml).abandonment().mode());
    }

    @Test
    void deadlineOfARouteMustBePositive() {
        assertThrows(IllegalArgumentException.class, () -> Hangup.cancellable(Duration.ZERO, request -> "never"));
        assertThrows(IllegalArgumentException.class, () -> Hangup.cancellable(Duration.ofSeconds(-1), (req, res) -> { }));
    }

    private static void assertRefused(String key, Map<String, String> values) {
        String message = refused(values);
        assertTrue(message.contains(HANGUP + key), message);
    }

    private static String refused(Map<String, String> values) {
        Exception refused = assertThrows(RuntimeException.class, () -> configured(values).build());
        return String.valueOf(refused.getMessage());
    }

    private static WebServerConfig.Builder configured(Map<String, String> values) {
        return WebServer.builder()
                .config(config(values).get("server"))
                .shutdownHook(false)
                .host("localhost")
                .routing(HttpRouting.builder().get("/deadline", Hangup.cancellable(request ->
                        String.valueOf(Deadline.current().orElseThrow().remaining().toMillis()))));
    }

    private static Config config(Map<String, String> values, String prefix) {
        return config(values.entrySet().stream().collect(Collectors.toMap(it -> prefix + it.getKey(), Map.Entry::getValue)));
    }

    private static Config config(Map<String, String> values) {
        return Config.builder(ConfigSources.create(new HashMap<>(values)))
                .disableSystemPropertiesSource()
                .disableEnvironmentVariablesSource()
                .build();
    }
}
