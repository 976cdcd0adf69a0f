package dev.hangup.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.TimeUnit;

import io.helidon.webserver.WebServerConfig;

/** Clients that read slowly, and servers that notice it soon: the buffers between the two are small. */
public final class SlowReader {
    private static final int SMALL_BUFFER = 16 * 1024;

    private SlowReader() {
    }

    /** Keeps the server's side of each connection small. */
    public static void configure(WebServerConfig.Builder server) {
        server.connectionOptions(options -> options.socketSendBufferSize(SMALL_BUFFER));
    }

    /** A client that is connected and takes little ahead. */
    public static RawClient connect(Transport transport, int port) {
        return transport.over(connect(port));
    }

    /** A client that is connected, has not yet sent a byte of HTTP/2, and takes little ahead. */
    public static RawClient connect(Http2Opening opening, int port) {
        return opening.over(connect(port));
    }

    private static Socket connect(int port) {
        try {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(SMALL_BUFFER);
            socket.connect(new InetSocketAddress("localhost", port));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the client does between two pieces. Nothing is awaited by it: it is slow. */
    public static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError("Interrupted between two pieces", e);
        }
    }
}
