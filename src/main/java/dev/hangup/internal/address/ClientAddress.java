package dev.hangup.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Arrays;
import java.util.Optional;

import io.helidon.common.socket.PeerInfo;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.ConnectionContext;
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

    /** The address of a request's client; empty on a Unix domain socket where no trusted proxy names the client. */
    public static Optional<ClientAddress> of(ServerRequest request) {
        return behindProxy(request).or(() -> peer(request.remotePeer()));
    }

    /**
     * The network that a connection is charged to; the same for all connections of a Unix domain socket. Behind a proxy without
     * the PROXY protocol it is the proxy's own: headers belong to requests, and one connection of a proxy carries requests of many
     * clients.
     */
    public static String networkOf(ConnectionContext connection) {
        return proxyProtocol(connection.proxyProtocolData())
                .or(() -> peer(connection.remotePeer()))
                .map(ClientAddress::network)
                .orElse("local");
    }

    /** The address according to the PROXY protocol or a trusted proxy; empty if there is neither. */
    public static Optional<ClientAddress> behindProxy(ServerRequest request) {
        Optional<ClientAddress> named = proxyProtocol(request.proxyProtocolData());
        Optional<RequestedUriDiscoveryContext> discovery = request.listenerContext().config().requestedUriDiscoveryContext();
        ServerRequestHeaders headers = request.headers();
        if (discovery.isEmpty() || !headers.contains(HeaderNames.FORWARDED) && !headers.contains(HeaderNames.X_FORWARDED_FOR)) {
            return named;
        }
        TrustedProxies proxies = new TrustedProxies(discovery.get());
        if (named.isEmpty() && request.remotePeer().address() instanceof UnixDomainSocketAddress) {
            return proxies.beyondUnixSocket(headers);
        }
        return named.or(() -> peer(request.remotePeer()))
                .flatMap(it -> proxies.beyond(it, headers))
                .or(() -> named);
    }

    /**
     * Returns the address of a peer without its name; the same if it has no address. For TLS, Helidon 4.5.0 looks up the name of
     * each peer's address ({@code ConnectionHandler.createNioSocket}), and {@code java.net} returns that name in place of the
     * address from then on. The name is chosen by the owner of the address, who may be the client.
     */
    public static InetSocketAddress withoutName(InetSocketAddress peer) {
        InetAddress address = peer.getAddress();
        return address == null ? peer : new InetSocketAddress(AddressLiteral.withoutName(address), peer.getPort());
    }

    /** Whether the clients of a listener have addresses. On a Unix domain socket they have none, unless a proxy names them. */
    public static boolean areKnown(ListenerConfig listener) {
        return listener.bindAddress().filter(UnixDomainSocketAddress.class::isInstance).isEmpty()
                || listener.enableProxyProtocol()
                || listener.requestedUriDiscoveryContext().filter(it -> new TrustedProxies(it).trustsUnixSocket()).isPresent();
    }

    private static Optional<ClientAddress> proxyProtocol(Optional<ProxyProtocolData> data) {
        // an address of an unknown family means nothing
        return data.filter(it -> it.family() != ProxyProtocolData.Family.UNKNOWN)
                .flatMap(it -> AddressLiteral.parse(it.sourceAddress())
                        .map(address -> new ClientAddress(address.address(), port(it.sourcePort()))));
    }

    private static Optional<ClientAddress> peer(PeerInfo peer) {
        return peer.address() instanceof InetSocketAddress inet && inet.getAddress() != null
                ? Optional.of(new ClientAddress(withoutName(inet).getAddress(), port(inet.getPort())))
                : Optional.empty();
    }

    private static String port(int port) {
        return port > 0 ? String.valueOf(port) : "";
    }

    /**
     * The network that identifies the client: the address; for IPv6 its first 64 bits, because a host with one address of such a
     * network has all of its addresses.
     */
    public String network() {
        if (address instanceof Inet6Address) {
            byte[] prefix = Arrays.copyOf(Arrays.copyOf(address.getAddress(), PREFIX_BYTES), address.getAddress().length);
            return AddressLiteral.of(prefix).getHostAddress() + "/" + PREFIX_BYTES * Byte.SIZE;
        }
        return address.getHostAddress();
    }

    /** The form used in logs: {@code host:port}, or {@code host} if the port is unknown. */
    public String text() {
        return address.getHostAddress() + (port.isEmpty() ? "" : ":" + port);
    }
}
