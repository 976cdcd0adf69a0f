package dev.hangup.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

import javax.net.ssl.SSLSocket;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/** A member that freezes after it has relayed a request: its connection stays open, although no client waits any more. */
class SilentMemberTest {
    private static final Duration GONE_AFTER = Duration.ofMillis(500);
    private static final long SHORT = 300;
    /** So long that a later deadline arrives before it. */
    private static final long LONG = 4000;
    private static final long LONGER = 5000;

    private final Trail trail = new Trail();
    private ClusterKeys keys;
    private Replica owner;
    private int port;

    @BeforeEach
    void start() throws Exception {
        keys = ClusterKeys.generate();
        owner = Replica.start(Replica.cluster(FreePorts.one(), List.of()).goneAfter(GONE_AFTER).tls(keys.tls()).build(), key -> {
            trail.workUntilInterrupted();
            return "never";
        }, it -> { });
        Await.untilBegun("it has a view", () -> owner.members() == 1);
        String self = owner.server().hangup().cluster().orElseThrow().self();
        port = Integer.parseInt(self.substring(self.lastIndexOf(':') + 1));
    }

    @AfterEach
    void stop() {
        owner.close();
    }

    @Test
    void computationIsInterruptedSomeTimeAfterTheDeadline() throws IOException {
        long begun = System.nanoTime();
        try (SSLSocket silent = send("POST", SHORT)) {
            assertInterrupted(begun, SHORT);
        }
    }

    @Test
    void laterDeadlineCounts() throws IOException {
        try (SSLSocket silent = send("POST", LONG)) {
            long[] begun = {0};
            Await.until("the later deadline is known", () -> {
                begun[0] = System.nanoTime();
                return extend().startsWith("HTTP/1.1 204");
            });
            assertInterrupted(begun[0], LONGER);
        }
    }

    private void assertInterrupted(long begun, long millis) {
        trail.await("interrupted");
        long took = Duration.ofNanos(System.nanoTime() - begun).toMillis();
        assertTrue(took >= millis + GONE_AFTER.toMillis(), () -> "It took " + took + " ms");
    }

    private String extend() {
        try (SSLSocket other = send("PUT", LONGER)) {
            return new String(other.getInputStream().readAllBytes());
        } catch (IOException e) {
            return e.toString();
        }
    }

    private SSLSocket send(String method, long millis) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        SSLSocket socket = (SSLSocket) keys.ofStranger().sslContext().getSocketFactory().createSocket(loopback, port);
        socket.setSoTimeout((int) Await.TIME.toMillis());
        socket.getOutputStream().write((method + " /work/1 HTTP/1.1\r\nHost: localhost\r\nHangup-Left-Ms: " + millis + "\r\n"
                + "Content-Length: 1\r\nConnection: close\r\n\r\nk").getBytes());
        return socket;
    }
}
