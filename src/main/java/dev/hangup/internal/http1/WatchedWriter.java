package dev.hangup.internal.http1;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.SocketWriterException;

/**
 * The writer of a connection. It can be restricted to one thread, and then closed to all threads. Writes of other threads are
 * silently dropped: their work has lost, and its bytes must not reach the client.
 * <p>
 * Writes are mutually exclusive: work that has lost may still send {@code 100 Continue} (which bypasses the response) while the
 * answering thread writes, and under TLS both use one buffer.
 */
final class WatchedWriter implements DataWriter {
    private static final Thread NOBODY = Thread.ofVirtual().unstarted(() -> { });
    private static final long PATIENCE_MILLIS = 100;
    /** As written by Helidon: at once, in a write of its own. */
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final DataWriter delegate;
    private final Runnable broken;
    private final BooleanSupplier mayContinue;
    private final Lock lock = new ReentrantLock();
    /** The only thread whose writes pass; {@code null} if all pass. Written without a lock: access is only ever narrowed. */
    private volatile Thread only;

    /**
     * @param broken      run when a write to the client fails
     * @param mayContinue called before each {@code 100 Continue}, which is dropped if this returns false
     */
    WatchedWriter(DataWriter delegate, Runnable broken, BooleanSupplier mayContinue) {
        this.delegate = delegate;
        this.broken = broken;
        this.mayContinue = mayContinue;
    }

    /**
     * From now on drops the writes of all threads but one.
     *
     * @param thread {@code null} for none
     */
    void onlyFor(Thread thread) {
        only = thread == null ? NOBODY : thread;
        if (thread != null) {
            awaitWriteUnderWay();
        }
    }

    @Override
    public void write(BufferData... buffers) {
        pass(BufferData.create(buffers), false);
    }

    @Override
    public void write(BufferData buffer) {
        pass(buffer, false);
    }

    @Override
    public void writeNow(BufferData... buffers) {
        pass(BufferData.create(buffers), true);
    }

    @Override
    public void writeNow(BufferData buffer) {
        pass(buffer, true);
    }

    @Override
    public void flush() {
        delegate.flush();
    }

    @Override
    public void close() {
        delegate.close();
    }

    private static boolean isContinue(BufferData buffer) {
        if (buffer.available() != CONTINUE.length) {
            return false;
        }
        for (int i = 0; i < CONTINUE.length; i++) {
            if (buffer.get(i) != CONTINUE[i]) {
                return false;
            }
        }
        return true;
    }

    private void pass(BufferData buffer, boolean now) {
        lock.lock();
        try {
            Thread permitted = only;
            if (permitted != null && permitted != Thread.currentThread()) {
                return;
            }
            if (!now) {
                delegate.write(buffer);
            } else if (!isContinue(buffer) || mayContinue.getAsBoolean()) {
                delegate.writeNow(buffer);
            }
        } catch (UncheckedIOException | SocketWriterException e) {
            // an interrupt also closes the socket, and other code than Hangup may interrupt
            if (!Thread.currentThread().isInterrupted()) {
                broken.run();
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for a write that is under way. The work that has lost is about to be interrupted; an interrupt while it sends its
     * {@code 100 Continue} would close the socket under the answering thread. The wait is short: a client that does not accept
     * even these bytes is not waited for.
     */
    private void awaitWriteUnderWay() {
        try {
            if (lock.tryLock(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
