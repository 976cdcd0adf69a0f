package dev.hangup.internal.http2;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** In which order the parties learn of a reset, which they must even where no client is watched. */
class Http2ResetOrderTest {
    private final Trail trail = new Trail();

    @Test
    void departureIsKnownBeforeWritesFail() throws Exception {
        assertDropsAndDoesNotFail(Http2Client::reset);
    }

    @Test
    void departureIsKnownBeforeWritesFailForAnErrorOfTheClient() throws Exception {
        assertDropsAndDoesNotFail(id -> Http2Client.windowUpdate(id, 0));
    }

    /**
     * When the departure is reported, what the race sends must be dropped already, but no write of the work may have failed: that
     * would be a failure of the work.
     */
    private void assertDropsAndDoesNotFail(IntFunction<byte[]> last) throws Exception {
        CompletableFuture<String> state = new CompletableFuture<>();
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, trail, routing -> routing.get("/watched", (request, response) -> {
            Http2Exchange stream = (Http2Exchange) Exchange.of(request);
            stream.watch(() -> state.complete((stream.isReset() ? "drops" : "writes") + (stream.isOver() ? ", fails" : "")));
            trail.add("watched");
            trail.await("release");
            response.send();
        })); Http2Client client = opening.connect(server.port())) {
            int id = client.get("/watched");
            trail.await("watched");
            client.send(last.apply(id));
            try {
                assertEquals("drops", state.get(Await.TIME.toMillis(), TimeUnit.MILLISECONDS));
            } finally {
                trail.add("release");
            }
        }
    }
}
