package dev.hangup.internal.cluster;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.cluster.ClusterConfig;

/**
 * The addresses at which members are looked for: the configured ones, or all addresses of the configured name. Names are resolved
 * each time.
 */
record MemberAddresses(ClusterConfig config) {
    /** Returns the addresses, this member's among them. A name without an address stays unresolved. */
    List<InetSocketAddress> all() {
        return config.dns().map(this::addressesOf)
                .orElseGet(() -> config.members().stream().map(MemberAddresses::address).toList());
    }

    /** Returns the addresses of other members. */
    List<InetSocketAddress> others() {
        InetSocketAddress self = new InetSocketAddress(config.host(), config.port());
        return all().stream().filter(it -> !it.equals(self)).toList();
    }

    private List<InetSocketAddress> addressesOf(String name) {
        try {
            // without the name, which is the same for all and would not identify one of them
            return Stream.of(InetAddress.getAllByName(name))
                    .map(it -> new InetSocketAddress(it.getHostAddress(), config.port()))
                    .toList();
        } catch (UnknownHostException e) {
            return List.of(InetSocketAddress.createUnresolved(name, config.port()));
        }
    }

    /** The text of a host and a port, with an IPv6 address in brackets. */
    static String text(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static InetSocketAddress address(String member) {
        int colon = member.lastIndexOf(':');
        String host = member.substring(0, colon).replaceAll("[\\[\\]]", "");
        return new InetSocketAddress(host, Integer.parseInt(member.substring(colon + 1)));
    }
}
