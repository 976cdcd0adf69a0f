package dev.hangup.internal.http2;

import java.util.function.IntFunction;
import java.util.logging.Level;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames of a stream that the client itself has reset end the connection (RFC 9113, 5.1), even while its work still runs. */
class Http2AfterResetTest {
    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void data(Http2Opening opening) {
        afterReset(opening, id -> Http2Client.data(id, new byte[10], true));
    }

    @ParameterizedTest
    @EnumSource
    void headers(Http2Opening opening) {
        afterReset(opening, id -> Http2Client.headers(id, "POST", "/next", true));
    }

    private void afterReset(Http2Opening opening, IntFunction<byte[]> late) {
        try (Quiet quiet = Quiet.below(Level.OFF, "dev.hangup");
                TestServer server = Http2Work.start(opening, trail);
                Http2Client client = opening.connect(server.port())) {
            int id = client.post("/unresponsive");
            trail.await("started");
            client.send(Http2Client.reset(id));
            trail.await("interrupted");
            client.send(late.apply(id));
            client.awaitGoAway();
        } finally {
            trail.add("release");
        }
    }
}
