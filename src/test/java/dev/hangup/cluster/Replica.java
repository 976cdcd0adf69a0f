package dev.hangup.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.coalescing.CoalescedComputation;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.WebServerConfig;

/** A server that is a member of a cluster, in this JVM. */
record Replica(TestServer server, Coalescing<String, String> route) implements AutoCloseable {
    private static final Duration HURRIED = Duration.ofSeconds(9);

    /** Members of one cluster that see each other. */
    static List<Replica> start(int count, ClusterKeys keys, List<CoalescedComputation<String, String>> computations,
                               Consumer<Coalescing.Builder<String, String>> settings) {
        List<Integer> ports = FreePorts.of(count);
        List<Replica> replicas = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int port = ports.get(i);
            replicas.add(start(cluster(port, ports).tls(keys.tls()).build(), computations.get(i), settings));
        }
        Await.untilBegun(count + " members see each other",
                         () -> replicas.stream().allMatch(it -> it.members() == count));
        return replicas;
    }

    static Replica start(ClusterConfig cluster, CoalescedComputation<String, String> computation,
                         Consumer<Coalescing.Builder<String, String>> settings) {
        return start(cluster, computation, settings, hangup -> { });
    }

    static Replica start(ClusterConfig cluster, CoalescedComputation<String, String> computation,
                         Consumer<Coalescing.Builder<String, String>> settings, Consumer<HangupConfig.Builder> options) {
        Coalescing.Builder<String, String> route = Coalescing.<String, String>builder()
                .key(it -> it.path().pathParameters().get("key"))
                .computing(computation)
                .clustered("work", Codec.text(), Codec.text());
        settings.accept(route);
        Coalescing<String, String> built = route.build();
        return new Replica(TestServer.start((WebServerConfig.Builder server) -> server.shutdownGracePeriod(Duration.ofSeconds(2)),
                                            hangup -> options.accept(hangup.cluster(cluster)),
                                            routing -> routing
                                                    .get("/work/{key}", built)
                                                    .get("/hurried/{key}", Hangup.cancellable(HURRIED, built))), built);
    }

    static ClusterConfig.Builder cluster(int port, List<Integer> ports) {
        return ClusterConfig.builder()
                .port(port)
                .httpPort(0)
                // on a busy machine, a member may be silent for seconds
                .goneAfter(Duration.ofSeconds(20))
                .members(ports.stream().map(it -> "127.0.0.1:" + it).toList());
    }

    int members() {
        return ClusterRoutes.of(server.server()).cluster().map(it -> it.status().members().size()).orElse(0);
    }

    /** Over a route with an earlier deadline, whose requests share the computations of the other route. */
    RawClient getHurriedly(String key) {
        return server.connect().get("/hurried/" + key);
    }

    RawClient get(String key, String... headers) {
        return server.connect().get("/work/" + key, headers);
    }

    @Override
    public void close() {
        server.close();
    }
}
