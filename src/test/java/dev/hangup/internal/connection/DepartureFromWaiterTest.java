package dev.hangup.internal.connection;

import java.io.OutputStream;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The client leaves while it waits for the end of an answer that the work believes to have given. */
@Tag("departure")
class DepartureFromWaiterTest {
    private final Trail trail = new Trail();

    @Test
    void streamThatWasClosedWithNothingOut() {
        stops((request, response) -> {
            try (OutputStream stream = response.outputStream()) {
                stream.write('a');
            }
            trail.workUntilInterrupted();
        });
    }

    @Test
    void streamThatWasClosedBeforeItsLastChunk() {
        stops((request, response) -> {
            try (OutputStream stream = response.outputStream()) {
                stream.write('a');
                stream.flush();
            }
            trail.workUntilInterrupted();
        });
    }

    @Test
    void entityThatItsStatusForbids() {
        stops((request, response) -> {
            response.status(Status.NO_CONTENT_204).send(new byte[10]);
            trail.workUntilInterrupted();
        });
    }

    private void stops(Handler handler) {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable(handler)));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.leave();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }
}
