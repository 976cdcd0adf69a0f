package dev.hangup.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;

import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.http.ServerRequest;

/**
 * The address of a request's client, as far as it can be believed: that of the connection's peer, or of the client that the
 * PROXY protocol names. If that is a proxy which the socket's {@code requested-uri-discovery} trusts, it is the nearest address
 * that is not trusted, in the header that the discovery goes by.
 *
 * @param address the address
 * @param port    the port, as it was written; empty where none is known
 */
public record ClientAddress(InetAddress address, String port) {
    private static final int PREFIX_BYTES = 8;

    /**
     * The address of a request's client.
     *
     * @param request the request
     * @return the address; empty where the peer has none, as on a Unix domain socket without the PROXY protocol
     */
    public static Optional<ClientAddress> of(ServerRequest request) {
        return behindProxy(request).or(() -> peer(request));
    }

    /**
     * The address of a client behind a proxy.
     *
     * @param request the request
     * @return what the PROXY protocol or a trusted proxy says; empty where neither says anything
     */
    public static Optional<ClientAddress> behindProxy(ServerRequest request) {
        Optional<ClientAddress> named = proxyProtocol(request);
        Optional<RequestedUriDiscoveryContext> discovery = request.listenerContext().config().requestedUriDiscoveryContext();
        if (discovery.isEmpty()) {
            return named;
        }
        return named.or(() -> peer(request))
                .flatMap(it -> new TrustedProxies(discovery.get()).beyond(it, request.headers()))
                .or(() -> named);
    }

    private static Optional<ClientAddress> proxyProtocol(ServerRequest request) {
        return request.proxyProtocolData()
                // where that is unknown, what follows means nothing
                .filter(it -> it.family() != ProxyProtocolData.Family.UNKNOWN)
                .flatMap(it -> AddressLiteral.parse(it.sourceAddress())
                        .map(address -> new ClientAddress(address.address(), port(it.sourcePort()))));
    }

    private static Optional<ClientAddress> peer(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress peer && peer.getAddress() != null
                ? Optional.of(new ClientAddress(peer.getAddress(), port(peer.getPort())))
                : Optional.empty();
    }

    private static String port(int port) {
        return port > 0 ? String.valueOf(port) : "";
    }

    /**
     * What clients are told apart by. Whoever has one address of an IPv6 network of 64 bits has all of them.
     *
     * @return the address; of IPv6 its first 64 bits
     */
    public String network() {
        if (address instanceof Inet6Address) {
            byte[] prefix = Arrays.copyOf(Arrays.copyOf(address.getAddress(), PREFIX_BYTES), address.getAddress().length);
            return AddressLiteral.of(prefix).getHostAddress() + "/" + PREFIX_BYTES * Byte.SIZE;
        }
        return address.getHostAddress();
    }

    /**
     * The address as logs have it.
     *
     * @return {@code host:port}, or {@code host} where no port is known
     */
    public String text() {
        return address.getHostAddress() + (port.isEmpty() ? "" : ":" + port);
    }
}
