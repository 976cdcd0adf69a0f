package dev.hangup.internal.http1;

import java.util.Optional;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1RoutedUpgrade;
import io.helidon.webserver.http1.spi.Http1RoutedUpgrader;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;

/**
 * An upgrader that notifies the connection of the switch of protocols before the new connection reads from the client.
 *
 * @param delegate writes its response itself, so that no {@link FramingListener} is notified of it
 */
record SwitchingUpgrader(Http1Upgrader delegate) implements Http1Upgrader {
    private static final Header UPGRADES = HeaderValues.create(HeaderNames.CONNECTION, "upgrade");

    /** Returns an upgrader that does the same as the given one, and what Hangup needs. */
    static Http1Upgrader of(Http1Upgrader upgrader) {
        return upgrader instanceof Http1RoutedUpgrader routed ? new Routed(routed) : new SwitchingUpgrader(upgrader);
    }

    @Override
    public String supportedProtocol() {
        return delegate.supportedProtocol();
    }

    /** Returns {@code null} for a request that does not ask for an upgrade in {@code Connection} (RFC 9110, 7.8). */
    @Override
    public ServerConnection upgrade(ConnectionContext ctx, HttpPrologue prologue, WritableHeaders<?> headers) {
        ServerConnection upgraded = headers.containsToken(UPGRADES) ? delegate.upgrade(ctx, prologue, headers) : null;
        if (upgraded != null && ctx instanceof Http1Context http1) {
            http1.switchedTo(upgraded);
        }
        return upgraded;
    }

    /**
     * An upgrader whose response Helidon writes. A request that does not ask for an upgrade in {@code Connection} is an ordinary
     * one (RFC 9110, 7.8). Helidon 4.5.0 runs its handler too, but as a part of the upgrade ({@code HttpRoutingImpl.routeUpgrade}),
     * where no race would be run for it.
     */
    private record Routed(Http1RoutedUpgrader delegate) implements Http1RoutedUpgrader {
        @Override
        public String supportedProtocol() {
            return delegate.supportedProtocol();
        }

        @Override
        public ServerConnection upgrade(ConnectionContext ctx, HttpPrologue prologue, WritableHeaders<?> headers) {
            return delegate.upgrade(ctx, prologue, headers);
        }

        @Override
        public Optional<Http1RoutedUpgrade> routedUpgrade(ConnectionContext ctx, HttpPrologue prologue,
                                                          WritableHeaders<?> headers) {
            return headers.containsToken(UPGRADES)
                    ? delegate.routedUpgrade(ctx, prologue, headers)
                    : Optional.empty();
        }
    }
}
