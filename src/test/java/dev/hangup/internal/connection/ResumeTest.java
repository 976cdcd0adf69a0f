package dev.hangup.internal.connection;

import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.resumable.Resumable;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A server that is suspended for a snapshot of its JVM, and resumed from it. */
@Tag("departure")
class ResumeTest {
    private final Trail trail = new Trail();

    @Test
    void requestInFlightIsStoppedAndLaterOnesAreWatchedAsBefore() {
        try (TestServer server = TestServer.start(this::routing)) {
            Resumable resumable = (Resumable) server.server();
            try (RawClient client = server.connect()) {
                client.get("/work");
                trail.await("started");
                resumable.suspend();
                assertEquals(503, client.read().status());
                assertEquals("", new String(client.readToEnd()));
                assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            }
            // a snapshot must hold no sockets
            Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
            resumable.resume();
            try (RawClient client = server.connect()) {
                assertEquals("answer", client.get("/quick").read().text());
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
                client.get("/work");
                trail.await("started", 2);
                client.leave();
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
        }
        assertEquals(List.of("started", "interrupted", "started", "interrupted"), trail.events());
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/quick", Hangup.cancellable(request -> "answer"));
    }
}
