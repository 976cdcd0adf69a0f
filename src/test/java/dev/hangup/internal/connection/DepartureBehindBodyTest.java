package dev.hangup.internal.connection;

import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Departure;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** With nothing configured, the client leaves behind a megabyte that nobody reads, sent or half sent. */
@Tag("departure")
class DepartureBehindBodyTest {
    private static final String ALL = "dev.hangup.testing.Departure#all";
    private static final int BODY = 1024 * 1024;
    private static final int CHUNK = 8 * 1024;
    private static final String WORK = "POST /work HTTP/1.1\r\nHost: localhost\r\n";

    private final Trail trail = new Trail();

    @ParameterizedTest
    @MethodSource(ALL)
    void thatWasSent(Departure departure) {
        stops(departure, client -> client.send(WORK + "Content-Length: " + BODY + "\r\n\r\n").send(new byte[BODY]));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void thatIsBeingSent(Departure departure) {
        stops(departure, client -> client.send(WORK + "Content-Length: " + BODY + "\r\n\r\n").send(new byte[BODY / 2]));
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void thatWasSentInChunks(Departure departure) {
        stops(departure, client -> {
            client.send(WORK + "Transfer-Encoding: chunked\r\n\r\n");
            sendChunks(client, BODY / CHUNK);
            client.send("0\r\n\r\n");
        });
    }

    @ParameterizedTest
    @MethodSource(ALL)
    void thatIsBeingSentInChunks(Departure departure) {
        stops(departure, client -> {
            client.send(WORK + "Transfer-Encoding: chunked\r\n\r\n");
            sendChunks(client, BODY / CHUNK / 2);
        });
    }

    private static void sendChunks(RawClient client, int chunks) {
        byte[] chunk = new byte[CHUNK];
        for (int i = 0; i < chunks; i++) {
            client.send(Integer.toHexString(CHUNK) + "\r\n").send(chunk).send("\r\n");
        }
    }

    private void stops(Departure departure, Consumer<RawClient> request) {
        try (TestServer server = TestServer.start(departure.transport(),
                                                  routing -> routing.post("/work", Hangup.cancellable((req, res) ->
                                                          trail.workUntilInterrupted())));
                RawClient client = server.connect()) {
            request.accept(client);
            trail.await("started");
            departure.leave(client);
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }
}
