package dev.hangup.demo;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;

import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The demo's sleep in C. */
class NativeSleepTest {
    private WebServer server;
    private Logged log;

    @BeforeEach
    void start() {
        server = Demo.server(config(Map.of("isolated.size", "1", "isolated.archive", "false",
                                           "isolated.start-timeout", "PT1M"))).start();
        log = Logged.by(NativeSleep.class.getName());
    }

    @AfterEach
    void stop() {
        log.close();
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-context/isolated", "/with-context/isolated"})
    void sleepsForTheTimeThatIsAsked(String path) throws Exception {
        // waits for as long as it takes a worker to start
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://localhost:" + server.port() + path + "?seconds=0.01");
            assertEquals("{\"msg\":\"Slept natively\",\"success\":true}", client.send(
                    HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body());
        }
    }

    @Tag("departure")
    @Test
    void isKilledWhenTheClientLeaves() {
        try (RawClient client = RawClient.connect(server.port()).get("/with-context/isolated?seconds=60")) {
            Await.untilBegun("it sleeps", () -> log.trail().events()
                    .contains("/with-context/isolated: sleeping natively for 60.00 s"));
            client.leave();
            log.trail().awaitAny(line -> line.startsWith("/with-context/isolated: killed after"), "it was killed");
        }
    }

    @Test
    void goesOnForNobodyOnTheBareServer() {
        try (RawClient leaver = RawClient.connect(server.port()).get("/no-context/isolated?seconds=0.5")) {
            log.trail().await("/no-context/isolated: sleeping natively for 0.50 s");
            leaver.leave();
            Await.untilBegun("it slept to the end", () -> log.trail().events().size() == 2);
            assertTrue(log.trail().events().getLast().startsWith("/no-context/isolated: success"));
        }
    }

    @ParameterizedTest
    @CsvSource({"size, 0", "size, 257", "queue, -1", "retry-after, PT0S", "heap, 1000", "max-bytes, 0", "max-bytes, 33554432",
                "start-timeout, PT0S", "archive, maybe"})
    void refusesAValueThatIsOutOfBoundsByItsKey(String key, String value) {
        RuntimeException refusal = assertThrows(RuntimeException.class,
                                                () -> Demo.server(config(Map.of("isolated." + key, value))));
        String named = key.equals("max-bytes") && !value.equals("0") ? "heap" : key;
        assertTrue(refusal.getMessage().contains("isolated." + named), refusal.getMessage());
    }

    private static Config config(Map<String, String> more) {
        Map<String, String> config = new HashMap<>(Map.of(
                "server.host", "localhost",
                "server.features.hangup.watch", System.getProperty("hangup.watch", "true")));
        config.putAll(more);
        return Config.just(ConfigSources.create(config));
    }
}
