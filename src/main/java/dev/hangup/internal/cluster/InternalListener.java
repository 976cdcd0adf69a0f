package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.internal.connection.Descriptors;
import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.Tls;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * The server on which a member serves the requests that others relay to it. It runs under Hangup, so that the end of a
 * connection cancels what is computed for it.
 */
public final class InternalListener {
    /** The name of the feature on internal listeners; a feature of this name logs nothing at startup. */
    public static final String NAME = "hangup-cluster";

    private static final Duration DAY = Duration.ofDays(1);
    /** The maximum number of connections. One whose client has no certificate and sends nothing lasts until that client leaves. */
    private static final long MAX_CONNECTIONS = 4096;
    /** The number of listeners that could share half of the free descriptors; the public listeners need more than this one. */
    private static final int SHARES = 4;

    private final String host;
    private final WebServer server;

    private InternalListener(String host, WebServer server) {
        this.host = host;
        this.server = server;
    }

    /**
     * Starts a listener. The member that relays a request closes its connection when no request of its own waits any longer, and
     * each of those has the deadline of its route. A relayed request outlasts the latest of these by {@code gone-after} at most:
     * a frozen member closes no connection, and its kernel still acknowledges keep-alive probes. The deadline of a day is only
     * an upper bound.
     *
     * @param tls requires certificates of clients
     * @throws IllegalStateException if the address is taken
     */
    static InternalListener start(ClusterConfig config, Tls tls, ClusterRoutes routes, BooleanSupplier leaving) {
        WebServer server = WebServer.builder()
                .host(config.host())
                .port(config.httpPort())
                .tls(FullDuplexTls.manage(tls))
                .connectionOptions(it -> ConnectionOptions.goneAfter(config.goneAfter()).set(it))
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .maxTcpConnections(maxConnections(Descriptors.ofProcess()))
                .maxPayloadSize(RelayWire.MAX_BYTES)
                .addFeature(Hangup.builder()
                        .name(NAME).metrics(false).deadline(DAY).maxDeadline(DAY).carrierGuard(false).build())
                .routing(HttpRouting.builder()
                        .post("/{route}/{id}", Hangup.cancellable((request, response) ->
                                respond(routes, config.goneAfter(), leaving, request, response)))
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

    void stop() {
        server.stop();
    }

    private static void respond(ClusterRoutes routes, Duration goneAfter, BooleanSupplier leaving, ServerRequest request,
                                ServerResponse response) throws InterruptedException {
        Optional<ClusterRoutes.Route> route = route(routes, request);
        if (route.isEmpty()) {
            response.status(Status.NOT_FOUND_404).send();
            return;
        }
        Deadline deadline = RelayWire.deadline(request);
        RelayResponse relayed = route.get().respond(id(request), RelayWire.bytes(request.content()), deadline, goneAfter);
        if (relayed instanceof RelayResponse.Failure && leaving.getAsBoolean()) {
            // the failure may be due to the stop of this server
            response.status(Status.SERVICE_UNAVAILABLE_503).send();
            return;
        }
        RelayWire.send(relayed, response);
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
