package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.internal.connection.Descriptors;
import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.Tls;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.spi.ServerFeature;

/**
 * The server on which a member serves the requests that others relay to it. It runs under Hangup, so that the end of a
 * connection cancels what is computed for it.
 */
public final class InternalListener {
    /** The name of the feature on internal listeners; a feature of this name logs nothing at startup. */
    public static final String NAME = "hangup-cluster";

    /** The maximum number of connections. One whose client has no certificate and sends nothing lasts until that client leaves. */
    private static final long MAX_CONNECTIONS = 4096;
    /** The number of listeners that could share half of the free descriptors; the public listeners need more than this one. */
    private static final int SHARES = 4;
    /** More than a listener takes to stop that has not died. */
    private static final Duration STOP = Duration.ofSeconds(10);

    private final String host;
    private final WebServer server;

    private InternalListener(String host, WebServer server) {
        this.host = host;
        this.server = server;
    }

    /**
     * Starts a listener. The member that relays a request closes its connection once none of its own requests waits for the result.
     * Each of these has the deadline of its route. A relayed request ends at the latest when {@code gone-after} has passed since
     * the last of these deadlines: a frozen member closes no connection, and its kernel still acknowledges keep-alive probes.
     *
     * @param tls     requires certificates of clients
     * @param feature Hangup's feature, under the name {@link #NAME}
     * @throws IllegalStateException if the address is taken
     */
    static InternalListener start(ClusterConfig config, Tls tls, ServerFeature feature, ClusterRoutes routes,
                                  BooleanSupplier leaving) {
        // a handler for each route, so that unresponsive work of one does not count against the bound of another
        Map<ClusterRoutes.Route, Handler> handlers = new ConcurrentHashMap<>();
        WebServer server = WebServer.builder()
                .host(config.host())
                .port(config.httpPort())
                .tls(FullDuplexTls.manage(tls))
                .connectionOptions(it -> ConnectionOptions.goneAfter(config.goneAfter()).set(it))
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .maxTcpConnections(maxConnections(Descriptors.ofProcess()))
                .maxPayloadSize(RelayWire.MAX_BYTES)
                .addFeature(feature)
                .routing(HttpRouting.builder()
                        .post("/{route}/{id}", (request, response) -> {
                            Optional<ClusterRoutes.Route> route = route(routes, request);
                            if (route.isEmpty()) {
                                response.status(Status.NOT_FOUND_404).send();
                                return;
                            }
                            handlers.computeIfAbsent(route.get(), it -> handler(it, config.goneAfter(), leaving))
                                    .handle(request, response);
                        })
                        .put("/{route}/{id}", (request, response) -> extend(routes, request, response)))
                .build()
                .start();
        if (!server.isRunning()) {
            throw new IllegalStateException("no socket for " + MemberAddresses.text(config.host(), config.httpPort())
                    + " (http-port)");
        }
        return new InternalListener(config.host(), server);
    }

    /** An unbounded listener could take the descriptors of all others, and lose them their sockets. */
    static int maxConnections(Optional<Descriptors> descriptors) {
        long shared = descriptors.map(it -> it.connections(SHARES)).orElse(MAX_CONNECTIONS);
        return (int) Math.min(MAX_CONNECTIONS, shared);
    }

    /** The host and port, as other members use them in a URI. */
    String address() {
        return MemberAddresses.text(host, server.port());
    }

    /** Stops the listener. If its thread has died, Helidon 4.5.0 waits for it without end ({@code ServerListener.suspend}). */
    void stop() {
        Thread stopping = Thread.ofPlatform().daemon().name("hangup-cluster-stop").unstarted(server::stop);
        try {
            stopping.start();
        } catch (Error e) {
            // no native thread
            server.stop();
            return;
        }
        try {
            stopping.join(STOP);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Handler handler(ClusterRoutes.Route route, Duration goneAfter, BooleanSupplier leaving) {
        return Hangup.cancellable((request, response) -> {
            Deadline deadline = RelayWire.deadline(request);
            RelayResponse relayed = route.respond(id(request), RelayWire.bytes(request.content()), deadline, goneAfter);
            if (relayed instanceof RelayResponse.Failure && leaving.getAsBoolean()) {
                // the failure may be due to the stop of this server
                response.status(Status.SERVICE_UNAVAILABLE_503).send();
                return;
            }
            RelayWire.send(relayed, response);
        });
    }

    private static void extend(ClusterRoutes routes, ServerRequest request, ServerResponse response) {
        boolean extended = route(routes, request).filter(it -> it.extend(id(request), RelayWire.deadline(request))).isPresent();
        response.status(extended ? Status.NO_CONTENT_204 : Status.NOT_FOUND_404).send();
    }

    private static Optional<ClusterRoutes.Route> route(ClusterRoutes routes, ServerRequest request) {
        return routes.find(request.path().pathParameters().get("route"));
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }
}
