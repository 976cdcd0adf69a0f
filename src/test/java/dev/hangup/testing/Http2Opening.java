package dev.hangup.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Base64;

import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServerConfig;

/** How client and server come to speak HTTP/2. */
public enum Http2Opening {
    /** The client simply does, in clear text. */
    PRIOR_KNOWLEDGE,
    /** As before, over Helidon's sockets of the old kind. */
    PRIOR_KNOWLEDGE_WITHOUT_NIO {
        @Override
        public void configure(WebServerConfig.Builder server) {
            server.useNio(false);
        }
    },
    /** A request of HTTP/1.1 asks for it. */
    UPGRADE {
        @Override
        public Http2Client connect(int port) {
            return upgrade(port, "/upgrade");
        }
    },
    /** TLS settles it. */
    ALPN {
        @Override
        public void configure(WebServerConfig.Builder server) {
            server.tls(Tls.builder().manager(FullDuplexTls.create()).sslContext(Certificate.tls()).build());
        }

        @Override
        public Http2Client connect(int port) {
            try {
                return new Http2Client(over(new Socket(InetAddress.getLoopbackAddress(), port)), 1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public RawClient over(Socket tcp) {
            try {
                tcp.setTcpNoDelay(true);
                SSLSocket socket = (SSLSocket) Certificate.tls().getSocketFactory()
                        .createSocket(tcp, "localhost", tcp.getPort(), true);
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setApplicationProtocols(new String[] {"h2"});
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                if (!socket.getApplicationProtocol().equals("h2")) {
                    throw new AssertionError("The server chose " + socket.getApplicationProtocol());
                }
                return RawClient.over(socket, tcp);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static final byte[] SETTINGS = {0, 3, 0, 0, 0, 100};

    /** Sets up a server for it. */
    public void configure(WebServerConfig.Builder server) {
    }

    /** A client that is connected; an upgrade took a request to {@code /upgrade}, which is stream 1. */
    public Http2Client connect(int port) {
        return new Http2Client(RawClient.connect(port), 1);
    }

    /** A client over a socket that is connected, which has not yet sent a byte of HTTP. */
    public RawClient over(Socket tcp) {
        return RawClient.over(tcp);
    }

    /** A client whose first request is one of HTTP/1.1. */
    public static Http2Client upgrade(int port, String path) {
        return upgrade(RawClient.connect(port), path);
    }

    /** As before, for a client that is connected. */
    public static Http2Client upgrade(RawClient socket, String path) {
        return upgrade(socket, path, SETTINGS);
    }

    /** A client whose first request is one of HTTP/1.1, with settings as a SETTINGS frame would have them. */
    public static Http2Client upgrade(int port, String path, byte[] settingsPayload) {
        return upgrade(RawClient.connect(port), path, settingsPayload);
    }

    private static Http2Client upgrade(RawClient socket, String path, byte[] settingsPayload) {
        return new Http2Client(requestUpgrade(socket, path, settingsPayload), 3);
    }

    /** A client that has read the response to its request for an upgrade, and has not yet said anything in HTTP/2. */
    public static RawClient requestUpgrade(int port, String path) {
        return requestUpgrade(RawClient.connect(port), path, SETTINGS);
    }

    private static RawClient requestUpgrade(RawClient socket, String path, byte[] settingsPayload) {
        String settings = Base64.getUrlEncoder().withoutPadding().encodeToString(settingsPayload);
        socket.get(path, "Connection: Upgrade, HTTP2-Settings\r\n", "Upgrade: h2c\r\n",
                   "HTTP2-Settings: " + settings + "\r\n");
        String head = socket.readHead();
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError("No upgrade: " + head);
        }
        return socket;
    }
}
