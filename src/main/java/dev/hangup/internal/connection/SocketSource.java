package dev.hangup.internal.connection;

import java.io.UncheckedIOException;
import java.util.function.Supplier;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ServerConnectionException;

/**
 * The bytes of a socket. Failures have the form that Helidon's connections expect from their reader. Under TLS a read must not
 * write, because other threads may be writing; {@link dev.hangup.tls.FullDuplexTls} ensures this.
 *
 * @param before what Helidon has read to identify the protocol; it comes first
 */
public record SocketSource(DataReader before, Supplier<byte[]> socket) implements Supplier<byte[]> {
    /** The source of a connection on which Hangup is to read from now on. */
    public static SocketSource of(ConnectionContext ctx) {
        return new SocketSource(ctx.dataReader(), ctx.serverSocket());
    }

    @Override
    public byte[] get() {
        int held = before.available();
        if (held > 0) {
            return before.readBytes(held);
        }
        try {
            return socket.get();
        } catch (UncheckedIOException e) {
            throw new ServerConnectionException("Failed to get data from socket", e);
        }
    }
}
