package dev.hangup.internal.connection;

import java.io.UncheckedIOException;
import java.util.function.Supplier;

import io.helidon.common.socket.HelidonSocket;
import io.helidon.webserver.ServerConnectionException;

/**
 * A socket's bytes, its failures in the form that Helidon's connections expect of their reader. Under TLS a read must
 * not write, since other threads do: {@link dev.hangup.tls.FullDuplexTls} sees to that.
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
