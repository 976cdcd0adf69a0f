package dev.hangup.internal.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.StringJoiner;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Finds out why members cannot be reached, in words for the log. The engine itself only keeps looking for them. */
record PeerProbe(SSLContext tls, int millis) {
    /** Returns the address of a member as it is configured. */
    static InetSocketAddress address(String member) {
        int colon = member.lastIndexOf(':');
        String host = member.substring(0, colon).replaceAll("[\\[\\]]", "");
        return new InetSocketAddress(host, Integer.parseInt(member.substring(colon + 1)));
    }

    String reasons(List<String> members) {
        StringJoiner reasons = new StringJoiner("; ");
        members.forEach(it -> reasons.add(it + ": " + reason(address(it))));
        return reasons.toString();
    }

    private String reason(InetSocketAddress address) {
        if (address.isUnresolved()) {
            return "unknown host";
        }
        try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket()) {
            socket.connect(address, millis);
            socket.setSoTimeout(millis);
            socket.startHandshake();
            return "reached, but no member yet";
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
