package dev.hangup.internal.connection;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpSecurity;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.spi.Http1RoutedUpgrade;
import io.helidon.webserver.http1.spi.Http1UpgradeResponse;
import io.helidon.webserver.http1.spi.Http1UpgradeResult;
import io.helidon.webserver.http1.spi.Http1UpgradeRouting;

/**
 * A routing that wraps each request of another routing in an action. Upgrades to other protocols go to the delegate unchanged.
 * It is created for a connection, so the delegate alone is notified when the server starts and stops.
 *
 * @param delegate the wrapped routing
 * @param around   the action around each request
 */
public record DecoratedRouting(HttpRouting delegate, Around around) implements HttpRouting, Http1UpgradeRouting {
    @Override
    public void route(ConnectionContext ctx, RoutingRequest request, RoutingResponse response) {
        around.route(delegate, ctx, request, response);
    }

    @Override
    public Http1UpgradeResult routeUpgrade(ConnectionContext ctx, RoutingRequest request, RoutingResponse response,
                                           Http1UpgradeResponse upgradeResponse, Http1RoutedUpgrade upgrade) {
        if (delegate instanceof Http1UpgradeRouting upgrading) {
            return upgrading.routeUpgrade(ctx, request, response, upgradeResponse, upgrade);
        }
        throw new IllegalStateException("The routing of this listener does not support upgrades");
    }

    @Override
    public HttpSecurity security() {
        return delegate.security();
    }

    /** An action around a request. */
    @FunctionalInterface
    public interface Around {
        /**
         * Routes the request.
         *
         * @param routing the routing to call
         */
        void route(HttpRouting routing, ConnectionContext ctx, RoutingRequest request, RoutingResponse response);
    }
}
