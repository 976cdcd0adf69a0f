package dev.hangup.internal.http1;

import java.util.Optional;

import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.DecoratedRouting;
import dev.hangup.internal.connection.WatchedContext;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.spi.ServerConnection;

/** The context of an HTTP/1.1 connection. Its requests come one after the other. */
final class Http1Context extends WatchedContext {
    private final WatchedHttp1Connection connection;

    Http1Context(ConnectionContext delegate, DataReader reader, DataWriter writer, PeerInfo remotePeer,
                 ConnectionPolicy policy, WatchedHttp1Connection connection) {
        super(delegate, reader, writer, remotePeer,
              it -> new DecoratedRouting(policy.decoration().apply(it), Http1Context::route));
        this.connection = connection;
    }

    private static void route(HttpRouting routing, ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        Http1Context context = (Http1Context) ctx;
        if (context.framing().hasEntity()) {
            request.streamFilter(context.connection.exchange(request)::guarded);
        }
        routing.route(ctx, request, response);
        context.framing().routed(request.headers(), response.headers());
    }

    /** The framing state of its requests. */
    RequestFraming framing() {
        return connection.framing();
    }

    /** Called when another protocol takes over the connection, before it reads. */
    void switchedTo(ServerConnection successor) {
        connection.switchedTo(successor);
    }

    @Override
    public Optional<Takeover> takeover() {
        return Optional.of(connection.takeover());
    }
}
