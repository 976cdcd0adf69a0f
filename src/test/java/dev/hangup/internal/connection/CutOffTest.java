package dev.hangup.internal.connection;

import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

/** An answer that has begun when the deadline passes is cut off then, not when the work has ended. */
class CutOffTest {
    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void clientSeesTheEndWhileUnresponsiveWorkGoesOn(Transport transport) {
        try (TestServer server = TestServer.start(transport, routing -> routing
                .get("/begun", Hangup.cancellable(this::beginAndGoOn)));
                RawClient client = server.connect()) {
            client.get("/begun");
            client.readHead();
            trail.add("client saw the head");
            untilTheEnd(client);
            trail.add("client saw the end");
            trail.await("work ended");
            assertEquals(List.of("client saw the head", "client saw the end", "work ended"), trail.events());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        } finally {
            // if it has failed, its work must not go on through the tests that follow
            trail.add("client saw the end");
        }
    }

    private void beginAndGoOn(ServerRequest request, ServerResponse response) throws Exception {
        OutputStream stream = response.outputStream();
        stream.write('a');
        stream.flush();
        stream.write('b');
        stream.flush();
        // what is queued for the socket may not be written otherwise
        trail.await("client saw the head");
        Time.isUp(request, response);
        while (!trail.events().contains("client saw the end")) {
            try {
                trail.await("client saw the end");
            } catch (AssertionError e) {
                // the interrupt, which this work does not heed
            }
        }
        trail.add("work ended");
    }

    // by a close or by a reset: there is no good order in which to stop in the middle
    private static void untilTheEnd(RawClient client) {
        try {
            client.readToEnd();
        } catch (UncheckedIOException e) {
            assertInstanceOf(SocketException.class, e.getCause());
        }
    }
}
