package dev.hangup.internal.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.StringJoiner;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Finds out why members cannot be reached, in words for the log. The engine itself only keeps looking for them. */
record PeerProbe(SSLContext tls) {
    private static final int MILLIS = 1000;

    String reasons(List<InetSocketAddress> members) {
        StringJoiner reasons = new StringJoiner("; ");
        reasons.setEmptyValue("there is no address of another member");
        members.forEach(it -> reasons.add(MemberAddresses.text(it.getHostString(), it.getPort()) + ": " + reason(it)));
        return reasons.toString();
    }

    private String reason(InetSocketAddress address) {
        if (address.isUnresolved()) {
            return "unknown host";
        }
        try (SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket()) {
            socket.connect(address, MILLIS);
            socket.setSoTimeout(MILLIS);
            socket.startHandshake();
            return "reached, but it is not a member yet";
        } catch (IOException e) {
            return e.getMessage();
        }
    }
}
