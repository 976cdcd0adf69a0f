package dev.hangup.internal.http1;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Predicate;

import dev.hangup.internal.connection.WatchedSelector;
import dev.hangup.internal.http2.WatchedHttp2Provider;
import dev.hangup.internal.http2.WatchedHttp2Upgrader;

import io.helidon.common.HelidonServiceLoader;
import io.helidon.common.Weight;
import io.helidon.common.Weighted;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.Bytes;
import io.helidon.webserver.ProtocolConfigs;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionProvider;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http1.Http1ConnectionSelectorConfig;
import io.helidon.webserver.http1.spi.Http1Upgrader;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.spi.ServerConnectionSelectorProvider;

/**
 * The provider of watched HTTP/1.1 connections, found by {@link ServiceLoader} and ordered just before Helidon's own, so that
 * providers of other protocols keep their places. Not for use by applications.
 */
@Weight(Weighted.DEFAULT_WEIGHT + 0.2)
public final class WatchedHttp1Provider implements ServerConnectionSelectorProvider<Http1Config> {
    /** The upgrade to HTTP/2 in clear text, available if its module is on the class path. */
    private static final String H2C = "h2c";

    private final Http1ConnectionProvider delegate = stock();

    @Override
    public Class<Http1Config> protocolConfigType() {
        return delegate.protocolConfigType();
    }

    @Override
    public String protocolType() {
        return delegate.protocolType();
    }

    @Override
    public ServerConnectionSelector create(String listenerName, Http1Config config, ProtocolConfigs configs) {
        if (!(delegate.create(listenerName, FramingListener.in(config), configs)
                instanceof Http1ConnectionSelector stock)) {
            throw new IllegalStateException("Helidon's HTTP/1.1 provider did not return an Http1ConnectionSelector");
        }
        Map<String, Http1Upgrader> upgraders = new LinkedHashMap<>();
        stock.prototype().upgraders().forEach((protocol, upgrader) -> upgraders.put(
                protocol, SwitchingUpgrader.of(protocol.equals(H2C)
                        ? WatchedHttp2Upgrader.watched(upgrader, configs)
                        : upgrader)));
        ServerConnectionSelector upgrading = Http1ConnectionSelectorConfig.builder(stock.prototype())
                .upgraders(upgraders)
                .build();
        return new WatchedSelector(upgrading, claims(),
                                   (ctx, policy) -> WatchedHttp1Connection.create(ctx, upgrading, policy, config));
    }

    /**
     * Decides whether the first bytes belong to HTTP/1.1. All do if Helidon has no other protocol to choose from, since it then
     * examines none and responds with 400 to anything but HTTP. Otherwise, those of HTTP/1.0 do, too; on a connection that is not
     * watched, Helidon then responds with 505.
     */
    private Predicate<BufferData> claims() {
        boolean alone = HelidonServiceLoader.create(ServiceLoader.load(ServerConnectionSelectorProvider.class))
                .asList()
                .stream()
                .allMatch(it -> it instanceof WatchedHttp2Provider || it.protocolType().equals(protocolType()));
        return data -> alone || Http10Requests.isHttp10(data, data.indexOf(Bytes.LF_BYTE));
    }

    // Helidon reserves the constructor for ServiceLoader, but offers no other access to its upgraders
    @SuppressWarnings("deprecation")
    private static Http1ConnectionProvider stock() {
        return new Http1ConnectionProvider();
    }
}
