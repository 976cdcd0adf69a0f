package dev.hangup;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

@Tag("departure")
class DepartureTest {
    private final Trail trail = new Trail();

    @Test
    void finStopsTheWork() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.leave();
            trail.await("interrupted");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(499, end.status());
        }
    }

    @Test
    void resetStopsTheWork() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.reset();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private void routing(io.helidon.webserver.http.HttpRouting.Builder routing) {
        routing.get("/work", Hangup.computing(request -> {
            trail.workUntilInterrupted();
            return "never";
        }));
    }
}
