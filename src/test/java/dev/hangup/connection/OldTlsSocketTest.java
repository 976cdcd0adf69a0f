package dev.hangup.connection;

import java.time.Duration;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** TLS with {@code use-nio: false} is not watched; deadlines hold all the same. */
class OldTlsSocketTest {
    private final Trail trail = new Trail();

    @Test
    void deadlineOfARoute() {
        try (TestServer server = TestServer.start(config -> {
            Transport.TLS_1_3.configure(config);
            config.useNio(false);
        }, hangup -> { }, routing -> routing.get("/work", Hangup.cancellable(Duration.ofMillis(50), (request, response) -> {
            trail.workUntilInterrupted();
        })));
                RawClient client = Transport.TLS_1_3.connect(server.port())) {
            assertEquals(503, client.get("/work").read().status());
            trail.await("interrupted");
        }
    }

    @Test
    void deadlineOfAPath() {
        try (TestServer server = TestServer.start(config -> {
            Transport.TLS_1_3.configure(config);
            config.useNio(false);
        }, hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").deadline(Duration.ofMillis(50)).build()),
                                                  routing -> routing.get("/work", (request, response) -> {
                                                      trail.workUntilInterrupted();
                                                  }));
                RawClient client = Transport.TLS_1_3.connect(server.port())) {
            assertEquals(503, client.get("/work").read().status());
            trail.await("interrupted");
        }
    }
}
