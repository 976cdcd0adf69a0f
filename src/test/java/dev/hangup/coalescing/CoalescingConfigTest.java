package dev.hangup.coalescing;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.hangup.cluster.Codec;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What shared answers are configured with. */
class CoalescingConfigTest {
    @Test
    void deadlineIsRead() {
        Coalescing<String, String> coalescing = builder().config(node("deadline", "PT0.01S"))
                .computing(key -> {
                    TimeUnit.MINUTES.sleep(1);
                    return "too late";
                })
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", coalescing)); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
        }
    }

    @Test
    void timeAndRoomForResultsAreRead() {
        Coalescing<String, String> coalescing = builder().config(node("cache-for", "PT1H", "cache-size", "1")).build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", coalescing)); RawClient client = server.connect()) {
            for (int i = 0; i < 10; i++) {
                client.get("/" + i).read();
            }
            assertEquals(1, coalescing.cached());
        }
    }

    @Tag("departure")
    @Test
    void lingerIsRead() {
        Trail trail = new Trail();
        Coalescing<String, String> coalescing = builder().config(node("keep-running", "PT1H"))
                .computing(key -> {
                    trail.add("computing");
                    trail.awaitInterruptibly("client has left");
                    return "answer";
                })
                .cacheFor(Duration.ofHours(1))
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", coalescing))) {
            RawClient client = server.connect().get("/");
            trail.await("computing");
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.add("client has left");
            Await.until("the result is there all the same", () -> coalescing.cached() == 1);
        }
    }

    @Test
    void whatIsNotConfiguredStaysAsItIs() {
        Coalescing<String, String> coalescing = builder().cacheFor(Duration.ofHours(1)).config(Config.empty()).build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", coalescing));
                RawClient client = server.connect()) {
            client.get("/").read();
            assertEquals(1, coalescing.cached());
        }
    }

    @Test
    void whatIsWrongIsRefusedByItsWholeKey() {
        RuntimeException refused = assertThrows(RuntimeException.class, () -> builder().config(node("deadline", "PT0S")));
        assertTrue(refused.getMessage().contains("search.shared.deadline"), refused.getMessage());
    }

    @Test
    void withoutAKeyOrAComputationNothingIsBuilt() {
        assertThrows(NullPointerException.class, () -> Coalescing.<String, String>builder().computing(key -> "answer").build());
        assertThrows(NullPointerException.class, () -> Coalescing.<String, String>builder().key(request -> "key").build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "a\n", "\u00e4", "a,b"})
    void nameOfAClusteredRouteIsOneWord(String name) {
        assertThrows(IllegalArgumentException.class, () -> builder().clustered(name, Codec.text(), Codec.text()));
    }

    @Test
    void nameOfAClusteredRouteMayHaveDashesDotsAndUnderscores() {
        builder().clustered("-a.B_9", Codec.text(), Codec.text()).build();
    }

    private static Coalescing.Builder<String, String> builder() {
        return Coalescing.<String, String>builder().key(request -> request.path().path()).computing(key -> "answer");
    }

    private static Config node(String... keysAndValues) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            values.put("search.shared." + keysAndValues[i], keysAndValues[i + 1]);
        }
        return Config.just(ConfigSources.create(values)).get("search.shared");
    }
}
