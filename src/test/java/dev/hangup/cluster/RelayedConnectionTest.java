package dev.hangup.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

import javax.net.ssl.SSLSocket;

import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.testing.Await;

import io.helidon.common.tls.Tls;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Each relayed call has a connection of its own, of which only the first pays for certificates. */
class RelayedConnectionTest {
    @Test
    void laterConnectionsResumeTheSession() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        try (Replica replica = Replica.start(Replica.cluster(Replica.ports(1).getFirst(), List.of()).tls(keys.tls()).build(),
                                             key -> "result", it -> { })) {
            Await.untilBegun("it has a view", () -> replica.members() == 1);
            String self = ClusterRoutes.of(replica.server().server()).cluster().orElseThrow().members().getFirst();
            int port = Integer.parseInt(self.substring(self.lastIndexOf(':') + 1));
            Tls member = keys.ofStranger();
            long created = sessionCreated(member, port);
            assertEquals(created, sessionCreated(member, port));
        }
    }

    private static long sessionCreated(Tls tls, int port) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (SSLSocket socket = (SSLSocket) tls.sslContext().getSocketFactory().createSocket(loopback, port)) {
            socket.getOutputStream().write(("POST /work/1 HTTP/1.1\r\nHost: localhost\r\nHangup-Left-Ms: 10000\r\n"
                    + "Content-Length: 1\r\nConnection: close\r\n\r\nk").getBytes());
            // the ticket comes before the response
            socket.getInputStream().readAllBytes();
            return socket.getSession().getCreationTime();
        }
    }
}
