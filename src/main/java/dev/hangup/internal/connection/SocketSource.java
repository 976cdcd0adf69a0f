package dev.hangup.internal.connection;

import java.io.UncheckedIOException;
import java.util.function.Supplier;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.ServerConnectionException;

/**
 * The bytes of a socket. Failures have the form that Helidon's connections expect from their reader. Under TLS a read must not
 * write, because other threads may be writing; {@link dev.hangup.tls.FullDuplexTls} ensures this.
 */
public record SocketSource(HelidonSocket socket) implements Supplier<byte[]> {
    @Override
    public byte[] get() {
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            throw new ServerConnectionException("Failed to get data from socket", e);
        }
    }
}
