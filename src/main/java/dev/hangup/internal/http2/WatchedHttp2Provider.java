package dev.hangup.internal.http2;

import java.util.Optional;
import java.util.ServiceLoader;

import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.SocketSource;
import dev.hangup.internal.connection.WatchedSelector;

import io.helidon.common.HelidonServiceLoader;
import io.helidon.common.Weight;
import io.helidon.common.Weighted;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.spi.ProtocolConfig;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelectorProvider;

/**
 * The provider of watched HTTP/2 connections, found by {@link ServiceLoader}. Ordered before Helidon's own provider of HTTP/2, if
 * present, but after all providers of HTTP/1.1. Not for use by applications.
 */
@Weight(Weighted.DEFAULT_WEIGHT + 50)
public final class WatchedHttp2Provider implements ServerConnectionSelectorProvider<ProtocolConfig> {
    private static final String TYPE = "http_2";

    /**
     * Required for {@link ServiceLoader}.
     */
    public WatchedHttp2Provider() {
    }

    @Override
    @SuppressWarnings("unchecked")
    public Class<ProtocolConfig> protocolConfigType() {
        return stock().map(it -> (Class<ProtocolConfig>) it.protocolConfigType()).orElse(ProtocolConfig.class);
    }

    @Override
    public String protocolType() {
        return TYPE;
    }

    @Override
    public ServerConnectionSelector create(String listenerName, ProtocolConfig config, ProtocolConfigs configs) {
        ServerConnectionSelectorProvider<ProtocolConfig> stock = stock().orElseThrow(() -> new IllegalStateException(
                "HTTP/2 is configured, but helidon-webserver-http2 is not on the class path"));
        Http2Limits limits = Http2Limits.of(config);
        return new WatchedSelector(stock.create(listenerName, limits.forHelidon(config), configs), data -> false,
                                   (ctx, selector, policy) -> watched(ctx, selector, policy, limits));
    }

    private static ServerConnection watched(ConnectionContext ctx, ServerConnectionSelector selector, ConnectionPolicy policy,
                                            Http2Limits limits) {
        int already = ctx.dataReader().available();
        String client = ClientAddress.of(ctx).map(ClientAddress::network).orElse("local");
        return WatchedHttp2Connection.create(ctx, new SocketSource(ctx.serverSocket()),
                                          already == 0 ? new byte[0] : ctx.dataReader().readBytes(already),
                                          policy, policy.readAhead().share(client), limits, selector::connection);
    }

    /** Found without a reference to its class, since the module may be missing. */
    @SuppressWarnings("unchecked")
    private static Optional<ServerConnectionSelectorProvider<ProtocolConfig>> stock() {
        for (ServerConnectionSelectorProvider<?> provider : HelidonServiceLoader.create(
                ServiceLoader.load(ServerConnectionSelectorProvider.class)).asList()) {
            if (provider.protocolType().equals(TYPE) && !(provider instanceof WatchedHttp2Provider)) {
                return Optional.of((ServerConnectionSelectorProvider<ProtocolConfig>) provider);
            }
        }
        return Optional.empty();
    }
}
