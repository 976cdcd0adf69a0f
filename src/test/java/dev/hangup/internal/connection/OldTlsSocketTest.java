package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** TLS with {@code use-nio: false} cannot be watched; deadlines hold all the same. */
class OldTlsSocketTest {
    private final Trail trail = new Trail();

    @Test
    void deadlineOfARoute() {
        stopsAtDeadline(hangup -> { }, routing -> routing.get("/work", Hangup.cancellable(Duration.ofMillis(50), (req, res) ->
                trail.workUntilInterrupted())));
    }

    @Test
    void deadlineOfAPath() {
        stopsAtDeadline(hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").deadline(Duration.ofMillis(50)).build()),
                        routing -> routing.get("/work", (req, res) -> trail.workUntilInterrupted()));
    }

    private void stopsAtDeadline(Consumer<HangupConfig.Builder> hangup, Consumer<HttpRouting.Builder> routing) {
        try (TestServer server = TestServer.start(Transport.TLS_1_3, config -> config.useNio(false),
                                                  config -> config.watch(false).update(hangup), routing)) {
            Await.until("the work of a request has begun before its deadline", () -> {
                requestStopsAtDeadline(server);
                return trail.events().contains("started");
            });
            trail.await("interrupted");
        }
    }

    private static void requestStopsAtDeadline(TestServer server) {
        try (RawClient client = server.connect()) {
            assertEquals(503, client.get("/work").read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }
}
