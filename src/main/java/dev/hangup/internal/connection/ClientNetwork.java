package dev.hangup.internal.connection;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import java.util.Optional;

import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProxyProtocolData;

/**
 * The client that a connection is charged to, identified by its address. For IPv6 the first 64 bits identify the client, because
 * one host has all addresses of such a network. On a listener with the PROXY protocol the address is the one that the proxy
 * specifies. Behind any other proxy it is the proxy's own address, because headers belong to requests and one connection of a
 * proxy carries requests of many clients.
 */
public final class ClientNetwork {
    private static final int PREFIX_BYTES = 8;

    private ClientNetwork() {
    }

    public static String of(ConnectionContext connection) {
        SocketAddress peer = connection.remotePeer().address();
        return connection.proxyProtocolData()
                // an address of an unknown family means nothing
                .filter(it -> it.family() == ProxyProtocolData.Family.IPv4 || it.family() == ProxyProtocolData.Family.IPv6)
                .flatMap(it -> literal(it.sourceAddress()))
                .or(() -> peer instanceof InetSocketAddress inet ? Optional.ofNullable(inet.getAddress()) : Optional.empty())
                .map(ClientNetwork::key)
                // a Unix domain socket
                .orElse("local");
    }

    static String key(InetAddress address) {
        return address instanceof Inet6Address
                ? HexFormat.of().formatHex(address.getAddress(), 0, PREFIX_BYTES)
                : address.getHostAddress();
    }

    private static Optional<InetAddress> literal(String address) {
        try {
            // In brackets the text can only be an IPv6 address. Without them it must not be a host name, which would be looked up
            return Optional.of(InetAddress.getByName(address.indexOf(':') >= 0 ? "[" + address + "]" : dotted(address)));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static String dotted(String address) throws UnknownHostException {
        if (!address.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
            throw new UnknownHostException(address);
        }
        return address;
    }
}
