package dev.hangup.internal.cluster;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.StringJoiner;

import javax.net.ssl.SSLSocket;

import io.helidon.common.tls.Tls;

/** Finds out why members cannot be reached, in words for the log. The engine itself only keeps looking for them. */
record PeerProbe(Tls tls) {
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
        try (SSLSocket socket = (SSLSocket) tls.sslContext().getSocketFactory().createSocket()) {
            socket.setSSLParameters(tls.sslParameters());
            socket.connect(address, MILLIS);
            socket.setSoTimeout(MILLIS);
            return handshake(socket);
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    private static String handshake(SSLSocket socket) throws IOException {
        try {
            socket.startHandshake();
            awaitRefusal(socket);
            return "reached, but it is not a member yet";
        } catch (SocketException e) {
            // the peer may close the connection before its alert is read
            return "it closed the connection during the TLS handshake, perhaps because it does not trust this member: "
                    + e.getMessage();
        }
    }

    /** Under TLS 1.3, the peer checks the certificate of this member only after the handshake has ended here. */
    private static void awaitRefusal(SSLSocket socket) throws IOException {
        try {
            socket.getInputStream().read();
        } catch (SocketTimeoutException e) {
            // it has accepted the certificate, and waits for a message
        }
    }
}
