package dev.hangup.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Optional;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServerConfig;

/** What HTTP/1.1 can be spoken over, as far as it makes a difference to who reads and who writes. */
public enum Transport {
    /** Clear text. */
    CLEAR(null),
    /** Clear text over Helidon's sockets of the old kind. */
    CLEAR_WITHOUT_NIO(null) {
        @Override
        public void configure(WebServerConfig.Builder server) {
            server.useNio(false);
        }
    },
    /** Clear text, written by a thread of Helidon's. */
    CLEAR_QUEUED(null) {
        @Override
        public void configure(WebServerConfig.Builder server) {
            server.writeQueueLength(8);
        }
    },
    /** TLS 1.2. */
    TLS_1_2("TLSv1.2"),
    /** TLS 1.3. */
    TLS_1_3("TLSv1.3");

    private final Optional<String> protocol;

    Transport(String protocol) {
        this.protocol = Optional.ofNullable(protocol);
    }

    /** Whether it is TLS. */
    public boolean secure() {
        return protocol.isPresent();
    }

    /** For clients that others have written: trusts the servers of the tests. */
    public static SSLContext trusting() {
        return Certificate.tls();
    }

    /** Sets up a server for it. */
    public void configure(WebServerConfig.Builder server) {
        if (secure()) {
            server.tls(Tls.builder()
                               .manager(FullDuplexTls.create())
                               .sslContext(Certificate.tls())
                               .addEnabledProtocol(protocol.orElseThrow())
                               .build());
        }
    }

    /** A client that is connected. */
    public RawClient connect(int port) {
        try {
            return over(new Socket(InetAddress.getLoopbackAddress(), port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A client over a socket that is connected. */
    public RawClient over(Socket tcp) {
        try {
            return secure() ? RawClient.over(encrypted(tcp), tcp) : RawClient.over(tcp);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SSLSocket encrypted(Socket tcp) throws IOException {
        // without this, each record of the handshake may wait for the acknowledgement of the one before
        tcp.setTcpNoDelay(true);
        SSLSocket socket = (SSLSocket) Certificate.tls().getSocketFactory()
                .createSocket(tcp, "localhost", tcp.getPort(), true);
        socket.setEnabledProtocols(new String[] {protocol.orElseThrow()});
        socket.startHandshake();
        return socket;
    }
}
