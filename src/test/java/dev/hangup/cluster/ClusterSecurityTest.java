package dev.hangup.cluster;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import dev.hangup.Hangup;
import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Trail;

import io.helidon.common.tls.Tls;
import io.helidon.config.ConfigException;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who may take part in a cluster, and what a member says that cannot. */
class ClusterSecurityTest {
    private static ClusterKeys keys;
    private static ClusterKeys others;

    private final Trail trail = new Trail();

    @BeforeAll
    static void generate() throws Exception {
        keys = ClusterKeys.generate();
        others = ClusterKeys.generate();
    }

    /** On the internal listener, with no certificate and with one of another cluster; a member gets an answer there. */
    @Test
    void strangersNeitherStartAComputationNorGetAResult() throws IOException {
        int enginePort = FreePorts.one();
        try (Logged logged = Logged.allBy(Cluster.class.getName());
                Replica replica = Replica.start(Replica.cluster(enginePort, List.of()).tls(keys.tls()).build(), key -> {
                    trail.add("computing " + key);
                    return "secret";
                }, it -> { })) {
            logged.trail().awaitAny(it -> it.startsWith("Members"), "a view");
            String self = logged.trail().events().getLast();
            int port = Integer.parseInt(self.substring(self.lastIndexOf(':') + 1));
            Tls withoutKey = Tls.builder()
                    .trustAll(true)
                    .endpointIdentificationAlgorithm(Tls.ENDPOINT_IDENTIFICATION_NONE)
                    .build();
            for (Tls stranger : List.of(withoutKey, others.ofStranger())) {
                assertRefused(port, stranger);
                assertRefused(enginePort, stranger);
            }
            assertEquals(List.of(), trail.events());
            // the engine does not understand the request, and so closes a connection that it has accepted
            assertEquals("", ask(enginePort, keys.ofStranger()));
            String answer = ask(port, keys.ofStranger());
            assertTrue(answer.startsWith("HTTP/1.1 200") && answer.endsWith("secret"), answer);
            assertEquals(List.of("computing k"), trail.events());
        }
    }

    /** Clients without a certificate that connect to the port of the membership, and send nothing. */
    @Test
    void memberJoinsAlthoughOthersHoldUpTheirHandshakes() throws IOException {
        List<Integer> ports = FreePorts.of(2);
        List<Socket> silent = new ArrayList<>();
        // looks for nobody: the other one has to come
        try (Replica replica = Replica.start(cluster(ports.get(0), List.of(), keys), key -> "one", it -> { })) {
            Await.until("it is a member", () -> replica.members() == 1);
            for (int i = 0; i < 40; i++) {
                silent.add(new Socket(InetAddress.getLoopbackAddress(), ports.get(0)));
            }
            try (Replica other = Replica.start(cluster(ports.get(1), ports, keys), key -> "other", it -> { })) {
                Await.until("they see each other", () -> replica.members() == 2 && other.members() == 2);
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void memberOfAnotherClusterIsNotJoined() throws IOException {
        List<Integer> ports = FreePorts.of(2);
        try (Logged logged = Logged.allBy(Cluster.class.getName());
                Replica replica = Replica.start(cluster(ports.get(0), ports, keys), key -> "mine", it -> { });
                Replica other = Replica.start(cluster(ports.get(1), ports, others), key -> "other", it -> { })) {
            logged.trail().awaitAny(it -> it.startsWith("This server has found no other member"), "a reason");
            assertEquals("mine", replica.get("k").read().text());
            assertEquals("other", other.get("k").read().text());
            assertTrue(replica.members() <= 1 && other.members() <= 1);
        }
    }

    /** Its thread once went on looking, and complained in the name of a server that had stopped. */
    @Test
    void memberThatHasStoppedLooksForNoOthers() {
        List<Integer> ports = FreePorts.of(2);
        try (Logged logged = Logged.allBy(Cluster.class.getName())) {
            try (Replica replica = Replica.start(cluster(ports.get(0), ports, keys), key -> "mine", it -> { })) {
                logged.trail().awaitAny(it -> it.startsWith("Members of the cluster"), "itself");
            }
            int until = logged.trail().events().size();
            Await.until("its thread has ended", () -> Usage.threads("hangup-cluster") == 0);
            List<String> events = logged.trail().events();
            assertTrue(events.subList(until, events.size()).stream()
                               .noneMatch(it -> it.startsWith("This server has found no other member")), events::toString);
        }
    }

    @Test
    void memberThatCannotJoinSaysWhyAndServesAlone() throws IOException {
        try (Logged logged = Logged.allBy(Cluster.class.getName());
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Replica replica = Replica.start(Replica.cluster(taken.getLocalPort(), List.of()).tls(keys.tls()).build(),
                                                key -> "alone", it -> { })) {
            logged.trail().awaitAny(it -> it.startsWith("This server cannot join the cluster hangup and computes all keys itself: ")
                    && it.contains(String.valueOf(taken.getLocalPort())), "a reason with the port");
            assertEquals("alone", replica.get("k").read().text());
        }
    }

    @Test
    void clusterWithoutTrustIsRefused() {
        assertRefused("cluster.tls must be set", Replica.cluster(1, List.of()).build());
        assertRefused("cluster.tls.trust must be set", Replica.cluster(1, List.of()).tls(others.ofStranger()).build());
    }

    private static ClusterConfig cluster(int port, List<Integer> ports, ClusterKeys keys) {
        return Replica.cluster(port, ports).goneAfter(Duration.ofSeconds(1)).tls(keys.tls()).build();
    }

    private static void assertRefused(String reason, ClusterConfig config) {
        ConfigException refused = assertThrows(ConfigException.class,
                                               () -> Cluster.create(config, Optional.empty(), lost -> Hangup.create()));
        assertTrue(refused.getMessage().contains(reason), refused.getMessage());
    }

    /**
     * The server ends the handshake with an alert. Under TLS 1.3, a client finds it when it reads first. What it has written until
     * then may have failed, since the server has closed the connection.
     */
    private static void assertRefused(int port, Tls stranger) throws IOException {
        try (Socket tcp = new Socket(InetAddress.getLoopbackAddress(), port) {
                @Override
                public OutputStream getOutputStream() throws IOException {
                    return new IndifferentStream(super.getOutputStream());
                }
            }; Socket socket = stranger.sslContext().getSocketFactory().createSocket(tcp, "localhost", port, true)) {
            socket.setSoTimeout((int) Await.TIME.toMillis());
            SSLException refused = assertThrows(SSLException.class, () -> {
                ((SSLSocket) socket).startHandshake();
                socket.getInputStream().read();
            });
            assertTrue(refused.getMessage().contains("alert"), refused.toString());
        }
    }

    /** What is answered to a relayed request; empty if the connection is closed in good order. */
    private static String ask(int port, Tls tls) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (Socket socket = tls.sslContext().getSocketFactory().createSocket(loopback, port)) {
            socket.setSoTimeout((int) Await.TIME.toMillis());
            socket.getOutputStream().write(("POST /work/1 HTTP/1.1\r\nHost: localhost\r\nHangup-Left-Ms: 1000\r\n"
                    + "Content-Length: 1\r\nConnection: close\r\n\r\nk").getBytes());
            return new String(socket.getInputStream().readAllBytes());
        }
    }

    /** Drops what cannot be written. */
    private static final class IndifferentStream extends FilterOutputStream {
        private IndifferentStream(OutputStream stream) {
            super(stream);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                // what was received before can still be read
            }
        }
    }
}
