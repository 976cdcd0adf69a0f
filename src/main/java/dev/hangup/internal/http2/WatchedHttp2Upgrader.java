package dev.hangup.internal.http2;

import java.util.Base64;
import java.util.Optional;

import dev.hangup.internal.connection.WatchedContext;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnection;

/**
 * The upgrader of HTTP/1.1 connections to HTTP/2, which stay watched.
 *
 * @param delegate creates Helidon's connection
 * @param limits   the limits of the listener for HTTP/2 clients
 */
record WatchedHttp2Upgrader(Http1Upgrader delegate, Http2Limits limits) implements Http1Upgrader {
    private static final HeaderName SETTINGS = HeaderNames.create("HTTP2-Settings");

    @Override
    public String supportedProtocol() {
        return delegate.supportedProtocol();
    }

    @Override
    public ServerConnection upgrade(ConnectionContext ctx, HttpPrologue prologue, WritableHeaders<?> headers) {
        Optional<WatchedContext.Takeover> takeover = ctx instanceof WatchedContext watched
                ? watched.takeover()
                : Optional.empty();
        if (takeover.isEmpty()) {
            return delegate.upgrade(ctx, prologue, headers);
        }
        // without settings, Helidon refuses the upgrade
        String sent = headers.first(SETTINGS).orElse("");
        ClientSettings settings = ClientSettings.read(Base64.getUrlDecoder().decode(sent));
        if (!sent.isEmpty()) {
            headers.set(SETTINGS, Base64.getUrlEncoder().withoutPadding().encodeToString(settings.known()));
        }
        WatchedContext.Takeover from = takeover.get();
        WatchedHttp2Connection connection = WatchedHttp2Connection.create(
                from.raw(), from.source(), from.policy(), from.share(), limits,
                it -> delegate.upgrade(it, prologue, headers));
        connection.upgraded(settings);
        return connection;
    }
}
