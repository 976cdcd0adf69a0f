package dev.hangup.internal.connection;

import java.util.Arrays;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** Where answers are written by a queue's thread, a 100 Continue once got into the middle of the answer before it. */
class QueuedContinueTest {
    private static final int ROUNDS = 200;

    @Test
    void aContinueWaitsForTheAnswerBefore() {
        // takes many writes, but is no more than the socket takes at once
        byte[] large = new byte[100_000];
        Arrays.fill(large, (byte) 'x');
        try (TestServer server = TestServer.start(Transport.CLEAR_QUEUED, routing -> routing
                .get("/large", Hangup.cancellable((request, response) -> response.send(large)))
                .post("/upload", Hangup.cancellable(request -> request.content().as(String.class))));
                RawClient client = server.connect()) {
            for (int i = 0; i < ROUNDS; i++) {
                client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\nPOST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
                                    + "Expect: 100-continue\r\n\r\nbody");
                assertArrayEquals(large, client.read().body());
                assertEquals("HTTP/1.1 100 Continue\r\n\r\n", client.readHead());
                assertEquals("body", client.read().text());
            }
        }
    }
}
