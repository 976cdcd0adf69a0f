package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.Future;

import dev.hangup.internal.time.Timer;

import io.helidon.webserver.ConnectionContext;

/**
 * The close of a TLS socket, which must not depend on a client that does not read.
 * <p>
 * When a connection is over, Helidon closes its socket. Over TLS, that first waits for a blocked writer, which nobody
 * interrupts, and then until the close_notify fits into the socket's buffer ({@code TlsNioSocket.close} of 4.5.0). Both may take
 * as long as the client likes. Meanwhile the connection holds a descriptor and threads, but it is no longer counted for {@code
 * max-tcp-connections}. So the connection's thread closes the socket itself, before it returns to Helidon and within a bound;
 * after that, the socket is closed without a close_notify. Helidon's own close then finds it closed.
 * <p>
 * A close_notify says that nothing is missing. For the client of a response that ends with the connection it is the only sign of
 * that, so none follows a response that is cut off. This is decided here, on the connection's thread and after its last write: the
 * thread that reads ahead may have been interrupted before, to close the socket, but no thread waits until it has.
 */
public final class TlsClose {
    /** Time for a slow reader to make room for the close_notify. */
    private static final Duration CLOSED_IN = Duration.ofSeconds(10);
    /** The same, if the connection's thread was interrupted to end the connection, or if no close_notify is sent. */
    private static final Duration BROKEN_OFF_IN = Duration.ofMillis(100);

    private TlsClose() {
    }

    /**
     * To be called on the thread of a connection, as its last action before it returns to Helidon. Preserves the interrupt status
     * that was set before; an interrupt during the close is dropped.
     *
     * @param writes  the writes to the socket
     * @param inOrder whether to send a close_notify
     */
    public static void close(ConnectionContext connection, ReadAhead readAhead, WriteMeter writes, boolean inOrder) {
        if (connection.isSecure()) {
            close(connection, readAhead, writes, inOrder, CLOSED_IN);
        }
    }

    static void close(ConnectionContext connection, ReadAhead readAhead, WriteMeter writes, boolean inOrder, Duration time) {
        boolean interrupted = Thread.interrupted();
        Thread thread = Thread.currentThread();
        Future<?> limit = Timer.after(interrupted || !inOrder ? BROKEN_OFF_IN : time, () -> {
            // the close_notify, and a writer that this class does not know: code of the application may write on its own threads
            thread.interrupt();
            readAhead.hangUp();
            // a reader that has reached the end closes nothing
            writes.interrupt();
        });
        if (!inOrder) {
            // no public API closes the channel alone; but its next write, that of the close_notify, does so before a byte passes
            thread.interrupt();
        }
        try {
            // if the writer has a queue, its thread may be blocked while it holds the socket's lock
            connection.dataWriter().close();
            connection.serverSocket().close();
        } catch (RuntimeException e) {
            // closed before, or not in time
        } finally {
            limit.cancel(false);
            // clears an interrupt by the limit or from above, whose only purpose was to end the close
            Thread.interrupted();
            if (interrupted) {
                thread.interrupt();
            }
        }
    }
}
