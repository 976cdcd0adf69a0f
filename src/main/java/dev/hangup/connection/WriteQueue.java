package dev.hangup.connection;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.webserver.ConnectionContext;

/**
 * The queue of a Helidon writer that has one ({@code write-queue-length}).
 * <p>
 * To close such a writer, Helidon tells its thread to end after the write that is under way, and then waits for room in the
 * queue: for ever if it is full by then, with the rest of an answer in it (Helidon 4.4.0). So nothing must be in the queue by
 * then. A writer does not say that; but buffers are asked what is in them when they are written.
 */
final class WriteQueue {
    /** How long a slow reader has for what is in the queue at the connection's end. */
    private static final Duration WRITTEN_IN = Duration.ofSeconds(10);
    private static final Duration CLOSED_IN = Duration.ofSeconds(1);

    private WriteQueue() {
    }

    /**
     * For the thread of a connection that Helidon is about to close, if its writer has a queue. Where that could not be
     * emptied, this thread is interrupted when it has hung for long enough.
     *
     * @param waits whether the client waits for what is in the queue
     */
    static void close(ConnectionContext connection, boolean waits) {
        if (connection.listenerContext().config().writeQueueLength() > 1
                && !(waits && awaitWritten(connection.dataWriter(), WRITTEN_IN))) {
            Alarm.in(CLOSED_IN, Thread.currentThread()::interrupt);
        }
    }

    /**
     * Waits until all that was written before has reached the socket.
     *
     * @return {@code false} if it has not in time, or the calling thread was interrupted
     */
    private static boolean awaitWritten(DataWriter writer, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        try {
            // the first is written with the last of what was before it, and the second after that
            return passes(writer, end) && passes(writer, end);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (RuntimeException e) {
            // nothing can be written any more
            return false;
        }
    }

    private static boolean passes(DataWriter writer, long end) throws InterruptedException {
        CountDownLatch seen = new CountDownLatch(1);
        writer.write(nothing(seen));
        return seen.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** No bytes, which tell when somebody wants to write them. */
    private static BufferData nothing(CountDownLatch seen) {
        BufferData empty = BufferData.empty();
        return (BufferData) Proxy.newProxyInstance(WriteQueue.class.getClassLoader(), new Class<?>[] {BufferData.class},
                                                   (proxy, method, arguments) -> {
                                                       seen.countDown();
                                                       try {
                                                           return method.invoke(empty, arguments);
                                                       } catch (InvocationTargetException e) {
                                                           throw e.getCause();
                                                       }
                                                   });
    }
}
