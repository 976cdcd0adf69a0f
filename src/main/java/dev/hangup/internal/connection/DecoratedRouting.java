package dev.hangup.internal.connection;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.HttpSecurity;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http1.spi.Http1RoutedUpgrade;
import io.helidon.webserver.http1.spi.Http1UpgradeResponse;
import io.helidon.webserver.http1.spi.Http1UpgradeResult;
import io.helidon.webserver.http1.spi.Http1UpgradeRouting;

/** A routing that does something around each request of another. Upgrades to other protocols are the other's. */
public abstract class DecoratedRouting implements HttpRouting, Http1UpgradeRouting {
    private final HttpRouting delegate;

    /**
     * Decorates a routing.
     *
     * @param delegate does all the rest
     */
    protected DecoratedRouting(HttpRouting delegate) {
        this.delegate = delegate;
    }

    /**
     * The routing that is decorated.
     *
     * @return the same each time
     */
    protected final HttpRouting delegate() {
        return delegate;
    }

    @Override
    public final Http1UpgradeResult routeUpgrade(ConnectionContext ctx, RoutingRequest request, RoutingResponse response,
                                                 Http1UpgradeResponse upgradeResponse, Http1RoutedUpgrade upgrade) {
        if (delegate instanceof Http1UpgradeRouting upgrading) {
            return upgrading.routeUpgrade(ctx, request, response, upgradeResponse, upgrade);
        }
        throw new IllegalStateException("The routing of this listener does not support upgrades");
    }

    @Override
    public final HttpSecurity security() {
        return delegate.security();
    }

    @Override
    public final void beforeStart() {
        delegate.beforeStart();
    }

    @Override
    public final void afterStart(WebServer webServer) {
        delegate.afterStart(webServer);
    }

    @Override
    public final void afterStop() {
        delegate.afterStop();
    }
}
