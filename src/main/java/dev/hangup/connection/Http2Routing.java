package dev.hangup.connection;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpSecurity;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;

/** An HTTP/2 connection's routing, which is where it learns that a stream has its answer. */
record Http2Routing(HttpRouting delegate, WatchedHttp2Connection connection) implements HttpRouting {
    @Override
    public void route(ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        try {
            delegate.route(ctx, request, response);
        } finally {
            connection.routed(request);
        }
    }

    @Override
    public HttpSecurity security() {
        return delegate.security();
    }

    @Override
    public void beforeStart() {
        delegate.beforeStart();
    }

    @Override
    public void afterStart(WebServer webServer) {
        delegate.afterStart(webServer);
    }

    @Override
    public void afterStop() {
        delegate.afterStop();
    }
}
