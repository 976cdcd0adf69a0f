package dev.hangup.abandonment;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;

import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.http.ServerRequest;

/** A client is its address, as far as that can be believed. */
record ClientAddress() implements ClientKey {
    private static final int PREFIX_BYTES = 8;

    @Override
    public Optional<String> of(ServerRequest request) {
        return nearest(request).map(address -> request.listenerContext().config().requestedUriDiscoveryContext()
                .flatMap(it -> new TrustedProxies(it).beyond(address, request.headers()))
                .orElse(address)).map(ClientAddress::key);
    }

    private static Optional<InetAddress> nearest(ServerRequest request) {
        return request.proxyProtocolData()
                // where that is unknown, what follows means nothing
                .filter(it -> it.family() != ProxyProtocolData.Family.UNKNOWN)
                .map(ProxyProtocolData::sourceAddress)
                .flatMap(AddressLiteral::parse)
                .or(() -> request.remotePeer().address() instanceof InetSocketAddress address
                        ? Optional.ofNullable(address.getAddress())
                        : Optional.empty());
    }

    static String key(InetAddress address) {
        if (address instanceof Inet6Address) {
            byte[] prefix = Arrays.copyOf(Arrays.copyOf(address.getAddress(), PREFIX_BYTES), address.getAddress().length);
            return AddressLiteral.of(prefix).getHostAddress() + "/" + PREFIX_BYTES * Byte.SIZE;
        }
        return address.getHostAddress();
    }
}
