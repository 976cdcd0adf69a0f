package dev.hangup.internal.connection;

import java.util.List;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Departure;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Whatever lies between the client and its leaving: the work that nobody waits for is stopped. */
@Tag("departure")
class DepartureTest {
    private static final String ALL = "dev.hangup.testing.Departure#all";
    private static final int UNREAD = 64 * 1024;
    private static final String WORK = "POST /work HTTP/1.1\r\nHost: localhost\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final Trail trail = new Trail();

    @ParameterizedTest
    @MethodSource(ALL)
    void alone(Departure departure) {
        stops(departure, client -> client.get("/work"), client -> { });
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void behindRequestOfTheSameSegment(Departure departure) {
        stops(departure, client -> client.send(WORK + "\r\n" + NEXT), client -> { });
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void behindRequestSentLater(Departure departure) {
        stops(departure, client -> client.get("/work"), client -> client.send(NEXT));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void behindUnreadBody(Departure departure) {
        stops(departure,
              client -> client.send(WORK + "Content-Length: " + UNREAD + "\r\n\r\n"),
              client -> client.send(new byte[UNREAD]));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void behindUnreadBodyAndAnotherRequest(Departure departure) {
        stops(departure,
              client -> client.send(WORK + "Content-Length: " + UNREAD + "\r\n\r\n"),
              client -> client.send(new byte[UNREAD]).send(NEXT));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void behindUnreadChunks(Departure departure) {
        stops(departure,
              client -> client.send(WORK + "Transfer-Encoding: chunked\r\n\r\n"),
              client -> client.send(Integer.toHexString(UNREAD) + "\r\n").send(new byte[UNREAD]).send("\r\n0\r\n\r\n"));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void behindHalfSentBody(Departure departure) {
        stops(departure,
              client -> client.send(WORK + "Content-Length: " + 2 * UNREAD + "\r\n\r\n"),
              client -> client.send(new byte[UNREAD]));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void behindHalfSentChunk(Departure departure) {
        stops(departure,
              client -> client.send(WORK + "Transfer-Encoding: chunked\r\n\r\n"),
              client -> client.send(Integer.toHexString(2 * UNREAD) + "\r\n").send(new byte[UNREAD]));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void insteadOfBodyThatNobodyAskedFor(Departure departure) {
        stops(departure,
              client -> client.send(WORK + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n"),
              client -> { });
    }

    /** The work starts with the request, the client sends more, and leaves; no later request is looked at. */
    private void stops(Departure departure, Consumer<RawClient> request, Consumer<RawClient> more) {
        try (TestServer server = TestServer.start(departure.transport(), this::routing);
                RawClient client = server.connect()) {
            request.accept(client);
            trail.await("started");
            more.accept(client);
            departure.leave(client);
            trail.await("interrupted");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(499, end.status());
        }
        // now that the connection's thread is gone
        assertEquals(List.of("started", "interrupted"), trail.events());
    }

    private void routing(HttpRouting.Builder routing) {
        routing.any("/work", Hangup.cancellable(request -> {
                    trail.workUntilInterrupted();
                    return "never";
                }))
                .get("/next", (request, response) -> {
                    trail.add("next");
                    response.send();
                });
    }
}
