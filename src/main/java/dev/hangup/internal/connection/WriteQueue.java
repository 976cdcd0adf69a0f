package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.Future;

import dev.hangup.internal.time.Timer;

import io.helidon.webserver.ConnectionContext;

/**
 * The queue of a Helidon writer that has one ({@code write-queue-length}). When a connection ends, Helidon drops what a client
 * has not taken of it within a second ({@code SocketWriterAsync.close} of 4.5.0); a slow reader would miss the end of its
 * answer.
 */
public final class WriteQueue {
    /** How long a slow reader has for what is in the queue at the connection's end. */
    private static final Duration WRITTEN_IN = Duration.ofSeconds(10);

    private WriteQueue() {
    }

    /** For the thread of a connection that Helidon is about to close: writes what is in the queue. */
    public static void flush(ConnectionContext connection) {
        if (connection.listenerContext().config().writeQueueLength() <= 1) {
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
