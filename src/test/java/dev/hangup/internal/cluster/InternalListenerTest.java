package dev.hangup.internal.cluster;

import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLParameters;

import dev.hangup.Deadline;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.testing.Await;

import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the listener of an owner makes of the requests that are relayed to it. */
class InternalListenerTest {
    private static final RelayResponse.Result RESULT =
            new RelayResponse.Result(RelayResponse.Kind.VALUE, new byte[] {1}, RelayResponse.Source.MISS, Duration.ZERO);
    private static final Route ROUTE = new Route();
    private static Tls tls;
    private static InternalListener owner;
    private static RelayWire wire;

    @BeforeAll
    static void start() throws Exception {
        Tls member = ClusterKeys.generate().tls();
        SSLParameters parameters = member.sslParameters();
        parameters.setNeedClientAuth(true);
        parameters.setEndpointIdentificationAlgorithm("");
        tls = TlsConfig.builder(member.prototype()).sslParameters(parameters).build();
        ClusterRoutes routes = ClusterRoutes.of(WebServer.builder().shutdownHook(false).build());
        routes.add("work", ROUTE);
        owner = InternalListener.start(ClusterConfig.builder().httpPort(0).tls(tls).build(), tls, routes, () -> false);
        wire = new RelayWire(tls, Duration.ofSeconds(5));
    }

    @AfterAll
    static void stop() {
        owner.stop();
    }

    /** The member that relays closes the connection at the deadline of its last request, however late that is. */
    @Test
    void relayedRequestHasNoDeadlineOfTheListener() throws Exception {
        assertEquals(Optional.of(RESULT.kind()), call(new byte[] {1}));
        Duration left = ROUTE.left.get(Await.TIME.toMillis(), TimeUnit.MILLISECONDS);
        assertTrue(left.compareTo(Duration.ofHours(23)) > 0, () -> "It is cancelled after " + left);
    }

    @Test
    void keyMayHaveNoBytes() {
        assertEquals(Optional.of(RESULT.kind()), call(new byte[0]));
    }

    @Test
    void keyIsBounded() {
        assertEquals(Optional.of(RESULT.kind()), call(new byte[RelayWire.MAX_BYTES]));
        assertEquals(Optional.empty(), call(new byte[RelayWire.MAX_BYTES + 1]));
    }

    /** Helidon reads a whole chunk before it passes it on. */
    @Test
    void chunkIsRefusedBeforeItIsRead() throws Exception {
        URI address = URI.create("https://" + owner.address());
        try (Socket socket = tls.sslContext().getSocketFactory().createSocket(address.getHost(), address.getPort())) {
            socket.setSoTimeout((int) Await.TIME.toMillis());
            socket.getOutputStream().write(("POST /work/1 HTTP/1.1\r\nHost: localhost\r\nHangup-Left-Ms: 10000\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n7fffffff\r\n").getBytes());
            String response = new String(socket.getInputStream().readNBytes(12));
            assertEquals("HTTP/1.1 413", response);
        }
    }

    private static Optional<RelayResponse.Kind> call(byte[] key) {
        return wire.call(owner.address(), "work", "1", key, Deadline.in(Duration.ofMinutes(5)))
                .map(it -> ((RelayResponse.Result) it).kind());
    }

    /** Notes how long the request of the listener may last. */
    private static final class Route implements ClusterRoutes.Route {
        private final CompletableFuture<Duration> left = new CompletableFuture<>();

        @Override
        public RelayResponse respond(String id, byte[] key, Deadline deadline) {
            left.complete(Deadline.current().orElseThrow().remaining());
            return RESULT;
        }

        @Override
        public boolean extend(String id, Deadline deadline) {
            return false;
        }

        @Override
        public int owned() {
            return 0;
        }

        @Override
        public int relayed() {
            return 0;
        }
    }
}
