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
    /** The size of the pieces of large writes, where these are divided. */
    private static final int PIECE_BYTES = 64 * 1024;
    /** As written by Helidon: at once, in a write of its own. */
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final DataWriter delegate;
    private final boolean divides;
    private final Runnable broken;
    private final BooleanSupplier mayContinue;
    private final Lock lock = new ReentrantLock();
    /** The only thread whose writes pass; {@code null} if all pass. Written without a lock: access is only ever narrowed. */
    private volatile Thread only;
    /** The number of bytes that were to be written up to now. Guarded by the lock for writers; read by the timer, as the next. */
    private volatile long offered;
    /** What is being written; {@code null} if nothing is. */
    private volatile BufferData underWay;

    /**
     * @param divides     whether to write large buffers in pieces, since a write to this socket shows no progress before its end
     * @param broken      run when a write to the client fails
     * @param mayContinue called before each {@code 100 Continue}, which is dropped if this returns false
     */
    WatchedWriter(DataWriter delegate, boolean divides, Runnable broken, BooleanSupplier mayContinue) {
        this.delegate = delegate;
        this.divides = divides;
        this.broken = broken;
        this.mayContinue = mayContinue;
    }

    /** The number of bytes that the socket has accepted. Those of a write under way count as they leave its buffer. */
    long taken() {
        BufferData writing;
        long bytes;
        do {
            writing = underWay;
            bytes = offered;
        } while (writing != underWay);
        return writing == null ? bytes : bytes - writing.available();
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
                write(buffer, buffer.available());
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

    // with the lock
    private void write(BufferData buffer, int bytes) {
        // in this order, so that a reading between the two is too low rather than too high
        underWay = buffer;
        offered += bytes;
        try {
            while (divides && buffer.available() > PIECE_BYTES) {
                byte[] piece = new byte[PIECE_BYTES];
                buffer.read(piece);
                delegate.write(BufferData.create(piece));
            }
            delegate.write(buffer);
        } finally {
            underWay = null;
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
