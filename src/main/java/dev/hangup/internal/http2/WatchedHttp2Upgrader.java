package dev.hangup.internal.http2;

import java.util.Base64;
import java.util.List;
import java.util.Optional;

import dev.hangup.internal.connection.WatchedContext;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpPrologue;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2UpgradeProvider;
import io.helidon.webserver.spi.ServerConnection;

/**
 * The upgrader of HTTP/1.1 connections to HTTP/2, which stay watched. Must not be loaded if the module of HTTP/2 is missing.
 *
 * @param stock    Helidon's upgrader, for connections that are not watched
 * @param delegate creates Helidon's connection below a watched one
 * @param limits   the limits of the listener for HTTP/2 clients
 */
public record WatchedHttp2Upgrader(Http1Upgrader stock, Http1Upgrader delegate, Http2Limits limits) implements Http1Upgrader {
    private static final HeaderName SETTINGS = HeaderNames.create("HTTP2-Settings");

    /** Returns an upgrader equivalent to Helidon's whose connections stay watched; Helidon's own if HTTP/2 is not configured. */
    public static Http1Upgrader watched(Http1Upgrader stock, ProtocolConfigs configs) {
        List<Http2Config> http2 = configs.config(WatchedHttp2Provider.TYPE, Http2Config.class);
        if (http2.isEmpty()) {
            return stock;
        }
        Http2Limits limits = Http2Limits.of(http2.getFirst());
        return new WatchedHttp2Upgrader(
                stock, new Http2UpgradeProvider().create(limits.forHelidon(http2.getFirst()), configs), limits);
    }

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
            return stock.upgrade(ctx, prologue, headers);
        }
        Optional<ClientSettings> sent = headers.first(SETTINGS).flatMap(WatchedHttp2Upgrader::settings);
        if (sent.isEmpty()) {
            // served over HTTP/1.1 (RFC 7540, 3.2); Helidon 4.5.0 fails
            return null;
        }
        ClientSettings settings = sent.get();
        headers.set(SETTINGS, Base64.getUrlEncoder().withoutPadding().encodeToString(settings.known()));
        WatchedContext.Takeover from = takeover.get();
        WatchedHttp2Connection connection = WatchedHttp2Connection.create(
                from.raw(), from.source(), from.policy(), from.share(), limits,
                it -> delegate.upgrade(it, prologue, headers));
        connection.upgraded(settings);
        return connection;
    }

    private static Optional<ClientSettings> settings(String encoded) {
        try {
            return Optional.of(Base64.getUrlDecoder().decode(encoded))
                    .filter(it -> ClientSettings.isLength(it.length))
                    .map(ClientSettings::read);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
