package dev.hangup.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Arrays;
import java.util.Optional;

import io.helidon.http.HeaderNames;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.http.ServerRequest;

/**
 * The trustworthy address of a request's client: that of the connection's peer, or the one specified by the PROXY protocol. If
 * this is the address of a proxy that the socket's {@code requested-uri-discovery} trusts, the client's address is the nearest
 * untrusted one in the header that the discovery uses.
 *
 * @param address the address
 * @param port    the port, as it was written; empty if unknown
 */
public record ClientAddress(InetAddress address, String port) {
    private static final int PREFIX_BYTES = 8;

    /**
     * Returns the address of a request's client.
     *
     * @param request the request
     * @return the address; empty if there is none, as on a Unix domain socket where no trusted proxy names the client
     */
    public static Optional<ClientAddress> of(ServerRequest request) {
        return behindProxy(request).or(() -> peer(request));
    }

    /**
     * Returns the address of a client behind a proxy.
     *
     * @param request the request
     * @return the address according to the PROXY protocol or a trusted proxy; empty if there is neither
     */
    public static Optional<ClientAddress> behindProxy(ServerRequest request) {
        Optional<ClientAddress> named = proxyProtocol(request);
        Optional<RequestedUriDiscoveryContext> discovery = request.listenerContext().config().requestedUriDiscoveryContext();
        ServerRequestHeaders headers = request.headers();
        if (discovery.isEmpty() || !headers.contains(HeaderNames.FORWARDED) && !headers.contains(HeaderNames.X_FORWARDED_FOR)) {
            return named;
        }
        TrustedProxies proxies = new TrustedProxies(discovery.get());
        if (named.isEmpty() && request.remotePeer().address() instanceof UnixDomainSocketAddress) {
            return proxies.beyondUnixSocket(headers);
        }
        return named.or(() -> peer(request))
                .flatMap(it -> proxies.beyond(it, headers))
                .or(() -> named);
    }

    /**
     * Returns whether the clients of a listener have addresses. On a Unix domain socket they have none, unless a proxy names
     * them.
     *
     * @param listener configuration of the listener
     * @return whether addresses are known
     */
    public static boolean areKnown(ListenerConfig listener) {
        return listener.bindAddress().filter(UnixDomainSocketAddress.class::isInstance).isEmpty()
                || listener.enableProxyProtocol()
                || listener.requestedUriDiscoveryContext().filter(it -> new TrustedProxies(it).trustUnixSocket()).isPresent();
    }

    private static Optional<ClientAddress> proxyProtocol(ServerRequest request) {
        return request.proxyProtocolData()
                // an address of an unknown family means nothing
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
     * Returns the network that identifies a client. For IPv6 this is a prefix of 64 bits, because a host with one address of such
     * a network has all of its addresses.
     *
     * @return the address; for IPv6 its first 64 bits
     */
    public String network() {
        if (address instanceof Inet6Address) {
            byte[] prefix = Arrays.copyOf(Arrays.copyOf(address.getAddress(), PREFIX_BYTES), address.getAddress().length);
            return AddressLiteral.of(prefix).getHostAddress() + "/" + PREFIX_BYTES * Byte.SIZE;
        }
        return address.getHostAddress();
    }

    /**
     * Returns the address in the form used in logs.
     *
     * @return {@code host:port}, or {@code host} if the port is unknown
     */
    public String text() {
        return address.getHostAddress() + (port.isEmpty() ? "" : ":" + port);
    }
}
