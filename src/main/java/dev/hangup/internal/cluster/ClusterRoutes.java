package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.Deadline;

import io.helidon.common.context.Context;
import io.helidon.http.HttpException;
import io.helidon.webserver.WebServer;

/** The clustered routes of a server, found in its context, and the cluster that the server is a member of, if any. */
public final class ClusterRoutes {
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    /** Written by the thread that starts the server. */
    private volatile Cluster cluster;

    private ClusterRoutes() {
    }

    /** The routes of a server that is starting, the same ones for each call. */
    public static ClusterRoutes of(WebServer server) {
        Context context = server.context();
        return context.get(ClusterRoutes.class).orElseGet(() -> {
            ClusterRoutes routes = new ClusterRoutes();
            context.register(routes);
            return routes;
        });
    }

    /** Adds a route, before the server joins its cluster. Its name is unique in the server, and the same on all members. */
    public void add(String name, Route route) {
        Route before = routes.putIfAbsent(name, route);
        // the same one may be mounted at several paths or for several methods
        if (before != null && before != route) {
            throw new IllegalStateException("Two clustered routes of this server have the name " + name);
        }
    }

    /** The cluster of the server; empty if none is configured. */
    public Optional<Cluster> cluster() {
        return Optional.ofNullable(cluster);
    }

    void joinedBy(Cluster cluster) {
        this.cluster = cluster;
    }

    /** The number of keys that are being computed here. */
    int owned() {
        return routes.values().stream().mapToInt(Route::owned).sum();
    }

    /** The number of keys that are waited for at their owners. */
    int relayed() {
        return routes.values().stream().mapToInt(Route::relayed).sum();
    }

    Optional<Route> find(String name) {
        return Optional.ofNullable(routes.get(name));
    }

    /** A route, as seen by the members that relay requests to it. */
    public interface Route {
        /**
         * Serves a relayed request, without relaying it further.
         *
         * @param id        names the request, for {@link #extend}
         * @param goneAfter how long after its deadline the member that has relayed it is considered gone
         * @throws InterruptedException if the relayed request was cancelled
         * @throws HttpException        if that member is considered gone
         */
        RelayResponse respond(String id, byte[] key, Deadline deadline, Duration goneAfter) throws InterruptedException;

        /**
         * Sets the deadline of a relayed request if it is later than the current one; returns whether such a request is waiting.
         */
        boolean extend(String id, Deadline deadline);

        /** The number of keys that are being computed here. */
        int owned();

        /** The number of keys that requests of this member wait for at their owners. */
        int relayed();
    }
}
