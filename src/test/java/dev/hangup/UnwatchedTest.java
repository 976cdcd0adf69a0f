package dev.hangup;

import java.time.Duration;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A server with connection selectors of its own, whose connections Hangup cannot watch: all else is the same. */
class UnwatchedTest {
    private final Trail trail = new Trail();

    @Test
    void answersAndTheConnectionGoesOn() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            for (int i = 0; i < 10; i++) {
                assertEquals("done", client.get("/quick").read().text());
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            }
        }
    }

    @Test
    void theDeadlineStopsTheWork() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            RawClient.Response response = client.get("/slow").read();
            assertEquals(503, response.status());
            assertEquals("application/problem+json", response.headers().get("content-type"));
            trail.await("interrupted");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(0, client.readToEnd().length);
        }
    }

    @Test
    void anExceptionIsAnsweredByItsHandler() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            assertEquals("handled", client.get("/failing").read().text());
            assertEquals(Outcome.FAILED, server.nextEnd().outcome());
        }
    }

    private TestServer start() {
        return TestServer.start(
                server -> server.protocolsDiscoverServices(false)
                        .addConnectionSelector(Http1ConnectionSelector.builder().config(Http1Config.create()).build()),
                hangup -> { },
                routing -> routing
                        .get("/quick", Hangup.cancellable(request -> "done"))
                        .get("/slow", Hangup.cancellable(Duration.ofMillis(50), request -> {
                            trail.workUntilInterrupted();
                            return "never";
                        }))
                        .get("/failing", Hangup.cancellable(request -> {
                            throw new IllegalStateException("failing");
                        }))
                        .error(IllegalStateException.class,
                               (request, response, e) -> response.status(500).send("handled")));
    }
}
