package dev.hangup.share;

import java.time.Duration;
import java.util.Map;

import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What shared answers are configured with. */
class SharedConfigTest {
    @Test
    void keysAreRead() {
        Shared<String, String> shared = builder().config(node("remember", "PT1H", "remember-at-most", "1", "linger", "PT1S",
                                                              "deadline", "PT0.01S"))
                .computing(key -> {
                    if (key.equals("/late")) {
                        Thread.sleep(Duration.ofMinutes(1));
                    }
                    return "answer";
                })
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", shared));
                RawClient client = server.connect();
                RawClient late = server.connect()) {
            assertEquals(503, late.get("/late").read().status());
            for (int i = 0; i < 10; i++) {
                client.get("/" + i).read();
            }
            assertEquals(1, shared.remembered());
        }
    }

    @Test
    void whatIsNotConfiguredStaysAsItIs() {
        Shared<String, String> shared = builder().remember(Duration.ofHours(1)).config(Config.empty()).build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", shared));
                RawClient client = server.connect()) {
            client.get("/").read();
            assertEquals(1, shared.remembered());
        }
    }

    @ParameterizedTest
    @CsvSource({
            "deadline,          PT0S",
            "deadline,          PT25H",
            "deadline,          abc",
            "linger,            PT-1S",
            "linger,            PT61M",
            "linger,            abc",
            "remember,          PT-1S",
            "remember,          PT25H",
            "remember,          abc",
            "remember-at-most,  0",
            "remember-at-most,  10000001",
            "remember-at-most,  abc"})
    void whatIsWrongIsRefusedByItsWholeKey(String key, String value) {
        RuntimeException refused = assertThrows(RuntimeException.class, () -> builder().config(node(key, value)));
        assertTrue(refused.getMessage().contains("search.shared." + key), refused.getMessage());
    }

    private static Shared.Builder<String, String> builder() {
        return Shared.<String, String>builder().key(request -> request.path().path()).computing(key -> "answer");
    }

    private static Config node(String... keysAndValues) {
        Map<String, String> values = new java.util.HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put("search.shared." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return Config.just(ConfigSources.create(values)).get("search.shared");
    }
}
