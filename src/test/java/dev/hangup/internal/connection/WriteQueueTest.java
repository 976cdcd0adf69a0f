package dev.hangup.internal.connection;

import java.io.OutputStream;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.http.Handler;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Connections whose writer has a queue, and that end while it is full. */
class WriteQueueTest {
    private static final int CHUNK = 64 * 1024;
    private static final int CHUNKS = 32;

    @ParameterizedTest(name = "a queue of {0}")
    @ValueSource(ints = {2, 8})
    void lastAnswerOfAConnectionIsThereToItsEnd(int length) {
        Handler large = (request, response) -> {
            response.contentLength((long) CHUNK * CHUNKS);
            try (OutputStream stream = response.outputStream()) {
                for (int i = 0; i < CHUNKS; i++) {
                    stream.write(new byte[CHUNK]);
                }
            }
        };
        try (TestServer server = TestServer.start(config -> config.writeQueueLength(length),
                                                  hangup -> hangup.tolerateHalfClose(true),
                                                  routing -> routing.get("/", Hangup.cancellable(large)))) {
            for (int round = 0; round < 200; round++) {
                try (RawClient client = server.connect()) {
                    client.get("/");
                    client.endOutput();
                    assertEquals(CHUNK * CHUNKS, client.read().body().length);
                    assertEquals(0, client.readToEnd().length);
                }
            }
        }
    }
}
