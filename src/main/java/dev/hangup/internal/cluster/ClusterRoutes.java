package dev.hangup.internal.cluster;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.Deadline;

import io.helidon.common.context.Context;
import io.helidon.webserver.WebServer;

/** The clustered routes of a server, found in its context, and the cluster that the server is a member of, if it is. */
public final class ClusterRoutes {
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    /** Written by the thread that starts the server. */
    private volatile Cluster cluster;

    private ClusterRoutes() {
    }

    /**
     * Returns the routes of a server that is starting.
     *
     * @param server the server
     * @return the routes, the same for each call
     */
    public static ClusterRoutes of(WebServer server) {
        Context context = server.context();
        return context.get(ClusterRoutes.class).orElseGet(() -> {
            ClusterRoutes routes = new ClusterRoutes();
            context.register(routes);
            return routes;
        });
    }

    /**
     * Adds a route, before the server joins its cluster.
     *
     * @param name  name of the route, unique in the server and the same on all members
     * @param route answers relayed requests
     */
    public void add(String name, Route route) {
        Route before = routes.putIfAbsent(name, route);
        // the same one may be mounted at several paths or for several methods
        if (before != null && before != route) {
            throw new IllegalStateException("Two clustered routes of this server have the name " + name);
        }
    }

    /**
     * Returns the cluster of the server.
     *
     * @return the cluster; empty if none is configured
     */
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
         * Answers a relayed request, without relaying it further.
         *
         * @param id       names the request, for {@link #extend}
         * @param key      the encoded key
         * @param deadline the deadline of the request
         * @return the result or the failure
         * @throws InterruptedException if the relayed request was cancelled
         */
        Answer answer(String id, byte[] key, Deadline deadline) throws InterruptedException;

        /**
         * Extends the deadline of a relayed request.
         *
         * @param id       names the request
         * @param deadline its new deadline; has no effect if it is earlier
         * @return whether such a request is waiting
         */
        boolean extend(String id, Deadline deadline);

        /**
         * Returns the number of keys that are being computed here.
         *
         * @return a number that goes up and down
         */
        int owned();

        /**
         * Returns the number of keys that requests of this member wait for at their owners.
         *
         * @return a number that goes up and down
         */
        int relayed();
    }
}
