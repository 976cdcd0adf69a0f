package dev.hangup.internal.connection;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Departure;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The client leaves while the handler waits for the rest of its body: that is a departure, not a bad request. */
@Tag("departure")
class DepartureFromReaderTest {
    private static final String ALL = "dev.hangup.testing.Departure#all";
    private static final String WORK = "POST /work HTTP/1.1\r\nHost: localhost\r\n";

    private final Trail trail = new Trail();

    @ParameterizedTest
    @MethodSource(ALL)
    void inTheMiddleOfBody(Departure departure) {
        stops(departure, "Content-Length: 10\r\n\r\nhalf", "");
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void inTheMiddleOfChunk(Departure departure) {
        stops(departure, "Transfer-Encoding: chunked\r\n\r\na\r\nhalf", "");
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void betweenChunks(Departure departure) {
        stops(departure, "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "");
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void onBeingToldToContinue(Departure departure) {
        stops(departure, "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n");
    }

    private void stops(Departure departure, String request, String reply) {
        try (TestServer server = TestServer.start(departure.transport(), this::routing);
                RawClient client = server.connect()) {
            client.send(WORK + request);
            trail.await("started");
            if (!reply.isEmpty()) {
                assertEquals(reply, client.readHead());
            }
            departure.leave(client);
            trail.await("stopped");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.post("/work", Hangup.cancellable(request -> {
            trail.add("started");
            try {
                return request.content().as(byte[].class);
            } finally {
                trail.add("stopped");
            }
        }));
    }
}
