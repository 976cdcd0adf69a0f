package dev.hangup.internal.http1;

import dev.hangup.internal.connection.DecoratedRouting;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** An HTTP/1.1 connection's routing, which is where its framing learns what was read of a body. */
final class Http1Routing extends DecoratedRouting {
    private final RequestFraming framing;

    Http1Routing(HttpRouting delegate, RequestFraming framing) {
        super(delegate);
        this.framing = framing;
    }

    @Override
    public void route(ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        delegate().route(ctx, request, response);
        framing.routed(request.headers(), response.headers());
    }
}
