package dev.hangup.internal.server;

import java.util.Optional;

import dev.hangup.cluster.ClusterConfig;
import dev.hangup.internal.abandonment.SharedAbandonment;
import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.cluster.ClusterRoutes;

import io.helidon.webserver.WebServer;

/**
 * The membership of a server in a cluster, if one is configured. Without lambdas, which would load the classes of the
 * cluster.
 */
final class ClusterMembership {
    private final Cluster cluster;

    ClusterMembership(Optional<ClusterConfig> config, Optional<SharedAbandonment> abandonment) {
        this.cluster = config.isPresent() ? Cluster.create(config.get(), abandonment) : null;
    }

    /** Called when all sockets of the server have started, and so all handlers. */
    void join(WebServer server) {
        if (cluster != null) {
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
        }
    }
}
