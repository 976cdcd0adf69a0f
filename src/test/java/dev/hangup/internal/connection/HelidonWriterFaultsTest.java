package dev.hangup.internal.connection;

import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.webserver.CloseConnectionException;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** A fault of Helidon 4.5.0 in writers that have a queue, as long as it is there. */
class HelidonWriterFaultsTest {
    private static final int CHUNK = 1024 * 1024;
    private static final int CHUNKS = 32;

    /** It has a second to take what is queued at the connection's end. */
    @Test
    @WorkedAroundBy(WriteQueue.class)
    void slowReaderMissesTheEndOfItsAnswer() {
        try (PlainServer server = PlainServer.builder().server(it -> it.writeQueueLength(2 * CHUNKS)).start(routing -> routing
                .get("/", (request, response) -> {
                    response.contentLength((long) CHUNK * CHUNKS);
                    var stream = response.outputStream();
                    for (int i = 0; i < CHUNKS; i++) {
                        stream.write(new byte[CHUNK]);
                    }
                    stream.close();
                    throw new CloseConnectionException("The last of this connection");
                }));
                RawClient client = server.connect()) {
            client.get("/");
            server.nextConnection().awaitEnd();
            assertTrue(client.readToEnd().length < CHUNK * CHUNKS);
        }
    }
}
