package dev.hangup.connection;

import java.util.Optional;

import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;

/** An upgrader of HTTP/1.1 connections, which stay watched if they become HTTP/2. */
record WatchedUpgrader(Http1Upgrader delegate) implements Http1Upgrader {
    private static final String HTTP2_IN_CLEAR_TEXT = "h2c";

    @Override
    public String supportedProtocol() {
        return delegate.supportedProtocol();
    }

    @Override
    public ServerConnection upgrade(ConnectionContext ctx, HttpPrologue prologue, WritableHeaders<?> headers) {
        Optional<WatchedContext.Upgrade> upgrade = ctx instanceof WatchedContext watched
                        && supportedProtocol().equals(HTTP2_IN_CLEAR_TEXT)
                ? watched.upgrade()
                : Optional.empty();
        if (upgrade.isEmpty()) {
            return delegate.upgrade(ctx, prologue, headers);
        }
        WatchedHttp2Connection connection = upgrade.get().to(it -> delegate.upgrade(it, prologue, headers));
        connection.upgraded();
        return connection;
    }
}
