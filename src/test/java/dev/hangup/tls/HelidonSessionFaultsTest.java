package dev.hangup.tls;

import java.io.IOException;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import dev.hangup.testing.PlainServer;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.tls.Tls;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A fault of Helidon's TLS sockets, as long as it is there. */
class HelidonSessionFaultsTest {
    private static final SSLContext CONTEXT = Transport.trusting();

    /** {@code ConnectionHandler.createNioSocket}: an empty identification algorithm, which is none in a session's ticket. */
    @Test
    @WorkedAroundBy(value = DelegatingEngine.class, members = "setSSLParameters")
    void sessionIsNotResumed() throws IOException {
        Tls tls = Tls.builder().sslContext(CONTEXT).build();
        try (PlainServer server = PlainServer.builder().server(it -> it.tls(tls)).start(routing -> routing
                .get("/", (request, response) -> response.send("response")))) {
            assertFalse(isResumed(server.port()));
        }
    }

    @Test
    void sessionIsResumedUnderHangup() throws IOException {
        try (TestServer server = TestServer.start(Transport.TLS_1_3, hangup -> { }, routing -> routing
                .get("/", (request, response) -> response.send("response")))) {
            assertTrue(isResumed(server.port()));
        }
    }

    /** Whether a second connection goes on with the session of a first one, which then is as old as that. */
    private static boolean isResumed(int port) throws IOException {
        long first = createdAt(port);
        return createdAt(port) == first;
    }

    private static long createdAt(int port) throws IOException {
        try (SSLSocket socket = (SSLSocket) CONTEXT.getSocketFactory().createSocket("localhost", port)) {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
            // the session's ticket comes between the handshake and the response
            assertEquals('H', socket.getInputStream().read());
            return socket.getSession().getCreationTime();
        }
    }
}
