package dev.hangup.internal.http1;

import java.util.List;

import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Clients that leave before their request has its whole header: few bytes, which must not fill the log. */
class IncompleteHeaderTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "GET /", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX-", "GET / HTTP/1.0\r\nX: y\r\n"})
    void departureBeforeTheEndOfTheHeaderIsNotLogged(String begin) {
        try (Logged trouble = Logged.trouble("io.helidon"); TestServer server = TestServer.start(routing -> { });
                RawClient client = server.connect()) {
            client.send(begin).endOutput();
            assertEquals("", new String(client.readToEnd()));
            Await.until("the connection is over", () -> Usage.connectionThreads() == 0);
            assertEquals(List.of(), trouble.trail().events());
        }
    }
}
