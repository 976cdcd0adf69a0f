package dev.hangup.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Two members at IPv6 addresses, which stand in brackets in a URI. */
class ClusterOverIPv6Test {
    private static final List<String> KEYS = List.of("a", "b", "c", "d", "e", "f", "g", "h");

    private final Trail trail = new Trail();

    @Test
    void membersShareEachComputation() throws Exception {
        assumeTrue(hasLoopback(), "This machine has no IPv6 loopback address");
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        List<Replica> replicas = new ArrayList<>();
        try {
            for (int port : ports) {
                ClusterConfig config = Replica.cluster(port, ports)
                        .host("::1")
                        .members(ports.stream().map(it -> "[::1]:" + it).toList())
                        .tls(keys.tls())
                        .build();
                replicas.add(Replica.start(config, this::compute, it -> { }));
            }
            Await.untilBegun("two members see each other", () -> replicas.stream().allMatch(it -> it.members() == 2));
            List<RawClient> clients = KEYS.stream().flatMap(key -> replicas.stream().map(it -> it.get(key))).toList();
            // for each key one client where it is computed, one where it is relayed, and the relayed request itself
            Await.until("all requests wait", () ->
                    replicas.stream().mapToInt(it -> it.route().waiting()).sum() == 3 * KEYS.size());
            trail.add("release");
            clients.forEach(it -> {
                assertEquals(200, it.read().status());
                it.close();
            });
            KEYS.forEach(key -> assertEquals(1, trail.events().stream().filter(("computing " + key)::equals).count(), key));
            assertTrue(replicas.stream().mapToLong(it -> it.server().hangup().cluster().orElseThrow().calls()
                    .getOrDefault(RelayOutcome.SUCCEEDED, 0L)).sum() == KEYS.size(), "Each key was relayed once");
        } finally {
            trail.add("release");
            replicas.forEach(Replica::close);
        }
    }

    private String compute(String key) throws InterruptedException {
        trail.add("computing " + key);
        trail.awaitInterruptibly("release");
        return "result of " + key;
    }

    private static boolean hasLoopback() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
