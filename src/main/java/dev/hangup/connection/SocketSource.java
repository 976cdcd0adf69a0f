package dev.hangup.connection;

import java.io.UncheckedIOException;
import java.util.function.Supplier;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.ServerConnectionException;

/**
 * A socket's bytes, its failures in the form that Helidon's connections expect of their reader.
 * <p>
 * Under TLS a read may have to write: what answers a close_notify or a KeyUpdate goes out through the writer's buffer
 * ({@code TlsNioSocket.myNetData} of Helidon 4.4.0), and there is no lock to share. Seen with TLS 1.2: of a client that
 * stops reading in the middle of its answer, then sends a close_notify, the departure is not noticed, and if it reads on
 * after that, reader and writer both loop in empty writes until one of them is interrupted. In a race the deadline does
 * that; in a later request of the same connection that is not cancellable, nobody does.
 */
record SocketSource(HelidonSocket socket) implements Supplier<byte[]> {
    @Override
    public byte[] get() {
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            throw new ServerConnectionException("Failed to get data from socket", e);
        }
    }
}
