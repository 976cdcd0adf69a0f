package dev.hangup.internal.http1;

import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1RoutedUpgrader;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;

/**
 * An upgrader that notifies the connection of the switch of protocols before the new connection reads from the client.
 *
 * @param delegate writes its response itself, so that no {@link FramingListener} is notified of it
 */
record SwitchingUpgrader(Http1Upgrader delegate) implements Http1Upgrader {
    /** Returns the given upgrader if Helidon writes its response, else one of this class. */
    static Http1Upgrader of(Http1Upgrader upgrader) {
        return upgrader instanceof Http1RoutedUpgrader ? upgrader : new SwitchingUpgrader(upgrader);
    }

    @Override
    public String supportedProtocol() {
        return delegate.supportedProtocol();
    }

    @Override
    public ServerConnection upgrade(ConnectionContext ctx, HttpPrologue prologue, WritableHeaders<?> headers) {
        ServerConnection upgraded = delegate.upgrade(ctx, prologue, headers);
        if (upgraded != null && ctx instanceof Http1Context http1) {
            http1.switchedTo(upgraded);
        }
        return upgraded;
    }
}
