package dev.hangup.internal.http2;

import java.util.Optional;
import java.util.ServiceLoader;

import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.connection.SocketSource;
import dev.hangup.internal.connection.WatchedSelector;

import io.helidon.common.HelidonServiceLoader;
import io.helidon.common.LazyValue;
import io.helidon.common.Weight;
import io.helidon.common.Weighted;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.spi.ProtocolConfig;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelectorProvider;

/**
 * The provider of watched HTTP/2 connections, found by {@link ServiceLoader}. Ordered just before Helidon's own provider of HTTP/2,
 * if present, but after that of watched HTTP/1.1. Not for use by applications.
 */
@Weight(Weighted.DEFAULT_WEIGHT + 0.1)
public final class WatchedHttp2Provider implements ServerConnectionSelectorProvider<ProtocolConfig> {
    static final String TYPE = "http_2";

    /** Helidon's own. Not looked for in the constructor: it is called while providers are looked for. */
    private final LazyValue<Optional<ServerConnectionSelectorProvider<ProtocolConfig>>> stock =
            LazyValue.create(WatchedHttp2Provider::stock);

    @Override
    @SuppressWarnings("unchecked")
    public Class<ProtocolConfig> protocolConfigType() {
        return stock.get().map(it -> (Class<ProtocolConfig>) it.protocolConfigType()).orElse(ProtocolConfig.class);
    }

    @Override
    public String protocolType() {
        return TYPE;
    }

    @Override
    public ServerConnectionSelector create(String listenerName, ProtocolConfig config, ProtocolConfigs configs) {
        ServerConnectionSelectorProvider<ProtocolConfig> provider = stock.get().orElseThrow(() -> new IllegalStateException(
                "HTTP/2 is configured, but helidon-webserver-http2 is not on the class path"));
        Http2Limits limits = Http2Limits.of(config);
        // on a connection that is not watched, Helidon keeps its own limits
        ServerConnectionSelector watched = provider.create(listenerName, limits.forHelidon(config), configs);
        return new WatchedSelector(provider.create(listenerName, config, configs), data -> false,
                                   (ctx, policy) -> WatchedHttp2Connection.create(
                                           ctx, SocketSource.of(ctx), policy,
                                           policy.readAhead().share(ClientAddress.networkOf(ctx)), limits, watched::connection));
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
