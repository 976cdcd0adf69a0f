package dev.hangup.internal.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parses addresses as written by proxies, with or without a port. Host names are rejected and never looked up. */
final class AddressLiteral {
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final String PORT = "(?::([\\w.-]{1,16}))?";
    private static final Pattern V4 = Pattern.compile("(" + OCTET + "(?:\\." + OCTET + "){3})" + PORT);
    private static final Pattern V6 = Pattern.compile("\\[([0-9a-fA-F:.]{2,45})]" + PORT + "|([0-9a-fA-F:.]{2,45})");

    private AddressLiteral() {
    }

    static Optional<ClientAddress> parse(String text) {
        Matcher v4 = V4.matcher(text);
        if (v4.matches()) {
            return resolved(v4.group(1), v4.group(2));
        }
        Matcher v6 = V6.matcher(text);
        if (v6.matches()) {
            // text in brackets must be an IPv6 literal
            return resolved("[" + (v6.group(1) == null ? v6.group(3) : v6.group(1)) + "]", v6.group(2));
        }
        return Optional.empty();
    }

    static InetAddress of(byte[] address) {
        return of(address, 0);
    }

    /** The address without the name that it may have, but with its scope. */
    static InetAddress withoutName(InetAddress address) {
        return of(address.getAddress(), address instanceof Inet6Address v6 ? v6.getScopeId() : 0);
    }

    private static InetAddress of(byte[] address, int scope) {
        try {
            return scope == 0 ? InetAddress.getByAddress(address) : Inet6Address.getByAddress(null, address, scope);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Optional<ClientAddress> resolved(String literal, String port) {
        try {
            return Optional.of(new ClientAddress(InetAddress.getByName(literal), port == null ? "" : port));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }
}
