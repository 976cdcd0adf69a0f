package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.Future;

import dev.hangup.internal.time.Timer;

import io.helidon.webserver.ConnectionContext;

/**
 * The queue of a Helidon writer, if configured ({@code write-queue-length}). When a connection ends, Helidon drops what the
 * client has not received within a second ({@code SocketWriterAsync.close} of 4.5.0), so that a slow reader would miss the end of
 * its response.
 */
public final class WriteQueue {
    /** Time for a slow reader to receive the content of the queue when the connection ends. */
    private static final Duration WRITTEN_IN = Duration.ofSeconds(10);

    private WriteQueue() {
    }

    /** Returns whether the writer of a connection has a queue. */
    public static boolean exists(ConnectionContext connection) {
        return connection.listenerContext().config().writeQueueLength() > 1;
    }

    /** Writes the content of the queue. To be called on the thread of a connection that Helidon is about to close. */
    public static void flush(ConnectionContext connection) {
        if (!exists(connection)) {
            return;
        }
        Future<?> limit = Timer.after(WRITTEN_IN, Thread.currentThread()::interrupt);
        try {
            connection.dataWriter().flush();
        } catch (RuntimeException e) {
            // nothing can be written any more, or not in time
        } finally {
            limit.cancel(false);
        }
    }
}
