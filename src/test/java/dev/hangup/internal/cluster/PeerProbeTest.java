package dev.hangup.internal.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

import javax.net.ssl.SSLParameters;

import dev.hangup.cluster.ClusterKeys;

import io.helidon.common.tls.Tls;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** Why a member is not found. */
class PeerProbeTest {
    private ClusterKeys keys;
    private ServerSocket peer;

    @BeforeEach
    void listen() throws Exception {
        keys = ClusterKeys.generate();
        peer = new MemberSockets(keys.tls().sslContext(), new SSLParameters()).createServerSocket("peer");
        peer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
    }

    @Test
    void peerThatTrustsThisMemberIsReached() {
        String reasons = reasons(keys.ofStranger());
        assertTrue(reasons.contains("reached"), reasons);
    }

    /** Under TLS 1.3, the handshake of a client ends before the server has checked the client's certificate. */
    @Test
    void peerThatDoesNotTrustThisMemberSendsAnAlertOrCloses() throws Exception {
        String reasons = reasons(ClusterKeys.generate().ofStranger());
        assertTrue(reasons.contains("alert") || reasons.contains("does not trust this member"), reasons);
    }

    private String reasons(Tls tls) {
        return new PeerProbe(tls).reasons(List.of((InetSocketAddress) peer.getLocalSocketAddress()));
    }
}
