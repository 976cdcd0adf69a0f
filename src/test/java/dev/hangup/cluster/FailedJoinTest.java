package dev.hangup.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A member that cannot join has no use for its internal listener. */
class FailedJoinTest {
    @Test
    void internalListenerEndsWithTheAttemptToJoin() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        int taken = ports.getFirst();
        int internal = ports.getLast();
        ClusterConfig config = Replica.cluster(taken, List.of(taken)).httpPort(internal).tls(keys.tls()).build();
        try (ServerSocket other = new ServerSocket(taken, 1, InetAddress.getByName("127.0.0.1"));
                Replica replica = Replica.start(config, key -> "result of " + key, it -> { })) {
            Await.untilBegun("it cannot join", () -> status(replica).problem().filter(it -> it.startsWith("cannot join")).isPresent());
            // its address says that the listener had started
            assertEquals("127.0.0.1:" + internal, status(replica).self());
            Await.until("the port of the internal listener is free", () -> isFree(internal));
            // it computes the key itself
            assertEquals("result of a", replica.get("a").read().text());
            assertEquals(taken, other.getLocalPort());
        }
    }

    /** The server may stop before its member has tried to join, and the attempt then fails. */
    @Test
    void internalListenerEndsAlthoughTheServerStoppedEarlier() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        int taken = ports.getFirst();
        int internal = ports.getLast();
        ClusterConfig config = Replica.cluster(taken, List.of(taken)).httpPort(internal).tls(keys.tls()).build();
        try (ServerSocket other = new ServerSocket(taken, 1, InetAddress.getByName("127.0.0.1"))) {
            Replica replica = Replica.start(config, key -> "result of " + key, it -> { });
            replica.close();
            Await.until("no thread joins", () -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(it -> it.getName().equals("hangup-cluster")));
            Await.until("the port of the internal listener is free", () -> isFree(internal));
            assertEquals(taken, other.getLocalPort());
        }
    }

    private static ClusterStatus status(Replica replica) {
        return replica.server().hangup().cluster().orElseThrow();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress("127.0.0.1", port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
