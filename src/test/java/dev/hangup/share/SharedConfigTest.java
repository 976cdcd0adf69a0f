package dev.hangup.share;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Patience;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What shared answers are configured with. */
class SharedConfigTest {
    @Test
    void deadlineIsRead() {
        Shared<String, String> shared = builder().config(node("deadline", "PT0.01S"))
                .computing(key -> {
                    TimeUnit.MINUTES.sleep(1);
                    return "too late";
                })
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", shared)); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
        }
    }

    @Test
    void timeAndRoomForResultsAreRead() {
        Shared<String, String> shared = builder().config(node("remember", "PT1H", "remember-at-most", "1")).build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", shared)); RawClient client = server.connect()) {
            for (int i = 0; i < 10; i++) {
                client.get("/" + i).read();
            }
            assertEquals(1, shared.remembered());
        }
    }

    @Tag("departure")
    @Test
    void lingerIsRead() {
        Trail trail = new Trail();
        Shared<String, String> shared = builder().config(node("linger", "PT1H"))
                .computing(key -> {
                    trail.add("computing");
                    trail.awaitInterruptibly("client has left");
                    return "answer";
                })
                .remember(Duration.ofHours(1))
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", shared))) {
            RawClient client = server.connect().get("/");
            trail.await("computing");
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.add("client has left");
            Patience.until("the result is there all the same", () -> shared.remembered() == 1);
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
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put("search.shared." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return Config.just(ConfigSources.create(values)).get("search.shared");
    }
}
