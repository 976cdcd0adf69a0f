package dev.hangup.internal.http2;

import java.io.OutputStream;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.TestServer;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Clients that leave while a response is written to them do not fill the log with stack traces of Helidon. */
class Http2LeavingLogTest {
    private static final int CLIENTS = 300;

    @Test
    void connectionsThatEndAmidAResponseLogNoTrouble() {
        try (Logged trouble = Logged.trouble(""); TestServer server = TestServer.start(routing -> routing
                .get("/", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    while (true) {
                        stream.write(new byte[10_000]);
                        stream.flush();
                    }
                })))) {
            for (int i = 0; i < CLIENTS; i++) {
                try (Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
                    int id = client.get("/");
                    client.awaitBytes(id, 10_000);
                }
                server.nextEnd();
            }
            Await.until("the connections are over", () -> Usage.connectionThreads() == 0);
            assertEquals(List.of(), trouble.trail().events());
        }
    }
}
