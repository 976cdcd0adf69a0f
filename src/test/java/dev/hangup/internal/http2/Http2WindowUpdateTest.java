package dev.hangup.internal.http2;

import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A client may enlarge its windows as often as it has received data, however late it reads that. */
class Http2WindowUpdateTest {
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int MAX_FRAME_SIZE = 5;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MIB = 1024 * 1024;
    private static final int LARGE_WINDOW = 1 << 30;
    /** Longer than the period in which updates are counted. */
    private static final Duration PAUSE = Duration.ofMillis(1100);

    /** Go's client announces frames of 1 MiB, and sends two updates for each 4 KiB that the application reads. */
    @ParameterizedTest
    @CsvSource({"4194304, 1048576, 4096", "4194304, 16384, 4096", "65500, 100, 100"})
    void readerThatWasPausedMayEnlargeItsWindows(int bytes, int frame, int read) {
        try (TestServer server = start(); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = receive(client, bytes, frame);
            LockSupport.parkNanos(PAUSE.toNanos());
            client.send(updates(id, bytes / read, read));
            client.ping();
            client.answer(client.get("/"));
        }
    }

    /** What was granted for one response is used up by its updates. */
    @Test
    void updatesOfNothingThatWasReceivedAreAbuse() {
        try (TestServer server = start(); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = receive(client, MIB, MIB);
            client.send(updates(id, 4 * 1024, 1));
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
        }
    }

    private static int receive(Http2Client client, int bytes, int frame) {
        client.withoutCredit().send(Http2Client.settings(INITIAL_WINDOW_SIZE, 4 * MIB, MAX_FRAME_SIZE, MIB),
                                    Http2Client.windowUpdate(0, LARGE_WINDOW));
        int id = client.get("/frames/" + bytes / frame + "/" + frame);
        assertEquals(bytes, client.answer(id).body().length);
        return id;
    }

    /** Of the stream and of the connection in turn. */
    private static byte[][] updates(int id, int count, int increment) {
        List<byte[]> updates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            updates.add(Http2Client.windowUpdate(id, increment));
            updates.add(Http2Client.windowUpdate(0, increment));
        }
        return updates.toArray(new byte[0][]);
    }

    private static TestServer start() {
        return TestServer.start(routing -> routing
                .get("/", (request, response) -> response.send())
                .get("/frames/{count}/{size}", (request, response) -> {
                    int count = request.path().pathParameters().first("count").asInt().get();
                    byte[] frame = new byte[request.path().pathParameters().first("size").asInt().get()];
                    try (OutputStream stream = response.outputStream()) {
                        for (int i = 0; i < count; i++) {
                            stream.write(frame);
                            stream.flush();
                        }
                    }
                }));
    }
}
