package dev.hangup.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

import javax.net.ssl.SSLSocket;

import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;

import io.helidon.common.tls.Tls;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Each relayed call has a connection of its own, of which only the first pays for certificates. */
class RelayedConnectionTest {
    private static ClusterKeys keys;
    private static Replica replica;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        keys = ClusterKeys.generate();
        replica = Replica.start(Replica.cluster(FreePorts.one(), List.of()).tls(keys.tls()).build(),
                                key -> "result", it -> { });
        Await.untilBegun("it has a view", () -> replica.members() == 1);
        String self = ClusterRoutes.of(replica.server().server()).cluster().orElseThrow().status().members().getFirst();
        port = Integer.parseInt(self.substring(self.lastIndexOf(':') + 1));
    }

    @AfterAll
    static void stop() {
        replica.close();
    }

    @Test
    void laterConnectionsResumeTheSession() throws IOException {
        Tls member = keys.ofStranger();
        long created = ask(member, "10000").sessionCreated();
        assertEquals(created, ask(member, "10000").sessionCreated());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-1", "9223372036854775807"})
    void timeThatIsNoneIsRefused(String millis) throws IOException {
        String response = ask(keys.ofStranger(), millis).response();
        assertTrue(response.startsWith("HTTP/1.1 400 "), response);
    }

    private static Exchange ask(Tls tls, String millis) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (SSLSocket socket = (SSLSocket) tls.sslContext().getSocketFactory().createSocket(loopback, port)) {
            socket.getOutputStream().write(("POST /work/1 HTTP/1.1\r\nHost: localhost\r\nHangup-Left-Ms: " + millis + "\r\n"
                    + "Content-Length: 1\r\nConnection: close\r\n\r\nk").getBytes());
            // the ticket comes before the response
            String response = new String(socket.getInputStream().readAllBytes());
            return new Exchange(response, socket.getSession().getCreationTime());
        }
    }

    private record Exchange(String response, long sessionCreated) {
    }
}
