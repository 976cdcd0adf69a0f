package dev.hangup.internal.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;

import dev.hangup.Hangup;
import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.internal.abandonment.AbandonmentLimiter;
import dev.hangup.internal.abandonment.SharedAbandonment;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A member in a JVM in which some threads cannot be started: it serves alone, and leaves nothing open. */
class ClusterThreadsTest {
    private static ClusterKeys keys;

    private final ClusterRoutes routes = ClusterRoutes.of(WebServer.builder().shutdownHook(false).build());
    private int port;
    private int httpPort;

    @BeforeAll
    static void generate() throws Exception {
        keys = ClusterKeys.generate();
    }

    @BeforeEach
    void choosePorts() {
        List<Integer> ports = FreePorts.of(2);
        port = ports.getFirst();
        httpPort = ports.getLast();
    }

    @Test
    void joinThatCannotBeginHasFailed() {
        Cluster cluster = cluster(Optional.empty(), number -> number == 1);
        cluster.join(routes);
        assertEquals(Optional.of("cannot join: unable to create native thread"), cluster.status().problem());
        cluster.stop();
    }

    /** The second thread is the one that sends what is counted together: the channel is open by then. */
    @Test
    void joinThatEndsWithAnErrorHasFailed() {
        Optional<SharedAbandonment> abandonment = new AbandonmentLimiter(AbandonmentConfig.create(), true).shared();
        Cluster cluster = cluster(abandonment, number -> number == 2);
        cluster.join(routes);
        Await.untilBegun("it has failed",
                         () -> cluster.status().problem().equals(Optional.of("cannot join: unable to create native thread")));
        assertNothingIsOpen();
        cluster.stop();
    }

    @Test
    void memberLeavesOnTheThreadThatStopsItsServer() {
        Cluster cluster = cluster(Optional.empty(), number -> number > 1);
        cluster.join(routes);
        Await.untilBegun("it is a member", () -> cluster.status().members().size() == 1);
        cluster.leave();
        Await.until("the port of the membership is free", () -> isFree(port));
        cluster.stop();
        assertNothingIsOpen();
    }

    private void assertNothingIsOpen() {
        Await.until("the port of the membership is free", () -> isFree(port));
        Await.until("the port of the internal listener is free", () -> isFree(httpPort));
    }

    /** @param fails which of its threads, counted from one, cannot be started */
    private Cluster cluster(Optional<SharedAbandonment> abandonment, IntPredicate fails) {
        ClusterConfig config = ClusterConfig.builder().port(port).httpPort(httpPort).members(List.of("127.0.0.1:" + port))
                .goneAfter(Duration.ofSeconds(20)).tls(keys.tls()).build();
        AtomicInteger number = new AtomicInteger();
        ThreadFactory threads = work -> {
            boolean failing = fails.test(number.incrementAndGet());
            return new Thread(work) {
                @Override
                public void start() {
                    if (failing) {
                        // the real one is an OutOfMemoryError, with which JUnit would end all tests
                        throw new InternalError("unable to create native thread");
                    }
                    super.start();
                }
            };
        };
        return Cluster.create(config, abandonment, lost -> Hangup.create(), threads);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
