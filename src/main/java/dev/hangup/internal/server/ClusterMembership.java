package dev.hangup.internal.server;

import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterStatus;
import dev.hangup.internal.abandonment.SharedAbandonment;
import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.internal.metrics.ServerMeters;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.spi.ServerFeature;

/**
 * The membership of a server in a cluster, if one is configured. It contains no lambdas, which would load the classes of the
 * cluster.
 */
final class ClusterMembership {
    /** The servers of this JVM that have begun to join a cluster, for health checks, which have no reference to a server. */
    private static final Set<ClusterMembership> JOINED = ConcurrentHashMap.newKeySet();

    private final Cluster cluster;

    /** @param internal creates the feature of the internal listener; its argument is run if that listener ends by itself */
    ClusterMembership(Optional<ClusterConfig> config, Optional<SharedAbandonment> abandonment,
                      Function<Runnable, ServerFeature> internal) {
        this.cluster = config.isPresent() ? Cluster.create(config.get(), abandonment, internal) : null;
    }

    /** Returns a description of the cluster members in this JVM, for a health check; empty if there are none. */
    static String text() {
        StringJoiner text = new StringJoiner("; ");
        for (ClusterMembership membership : JOINED) {
            ClusterStatus status = membership.cluster.status();
            int members = status.members().size();
            text.add(status.name() + ": " + status.problem().orElseGet(() -> members == 0 ? "is joining"
                    : members + (members == 1 ? " member" : " members") + ", this one is " + status.self()));
        }
        return text.toString();
    }

    /** Called when the server has started. */
    void publish(ServerMeters metrics) {
        if (cluster != null) {
            cluster.publish(metrics);
        }
    }

    Optional<ClusterStatus> status() {
        return cluster == null ? Optional.empty() : Optional.of(cluster.status());
    }

    /** Called when all sockets of the server have started, and so all handlers. */
    void join(WebServer server) {
        if (cluster != null) {
            JOINED.add(this);
            cluster.join(ClusterRoutes.of(server));
        }
    }

    void leave() {
        if (cluster != null) {
            cluster.leave();
        }
    }

    void stop() {
        if (cluster != null) {
            cluster.stop();
            JOINED.remove(this);
        }
    }
}
