package dev.hangup.internal.http1;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

import dev.hangup.internal.connection.RequestOverException;
import dev.hangup.internal.connection.WriteMeter;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.SocketWriterException;

/**
 * The writer of a connection. It can be restricted to one thread, and then closed to all threads. Writes of other threads throw:
 * their work has lost, and its bytes must not reach the client. Writes of Helidon's own code, on the connection's thread, are
 * silently dropped.
 * <p>
 * Writes are mutually exclusive: work that has lost may still send {@code 100 Continue} (which bypasses the response) while the
 * responding thread writes, and under TLS both use one buffer.
 */
final class WatchedWriter implements DataWriter {
    private static final Thread NOBODY = Thread.ofVirtual().unstarted(() -> { });
    private static final long WRITE_TIMEOUT_MILLIS = 100;
    /** The size of the pieces of large writes, where these are divided. */
    private static final int PIECE_BYTES = 64 * 1024;
    /** As written by Helidon: at once, in a write of its own. */
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final DataWriter delegate;
    private final boolean queued;
    private final boolean divides;
    private final Events events;
    private final Lock lock = new ReentrantLock();
    /** The only thread whose writes pass; {@code null} if all pass. Written without a lock: access is only ever narrowed. */
    private volatile Thread only;
    /** The writes to the socket. */
    final WriteMeter meter = new WriteMeter();

    /**
     * @param queued  whether the delegate has a queue, from which another thread writes
     * @param divides whether to write large buffers in pieces, since a write to this socket shows no progress before its end
     * @param events  notified of what is written
     */
    WatchedWriter(DataWriter delegate, boolean queued, boolean divides, Events events) {
        this.delegate = delegate;
        this.queued = queued;
        this.divides = divides;
        this.events = events;
    }

    /** From now on only writes of one thread pass; none if it is {@code null}. */
    void onlyFor(Thread thread) {
        only = thread == null ? NOBODY : thread;
        if (thread != null) {
            awaitWriteUnderWay();
        }
    }

    /**
     * Writes bytes unless a condition holds, which is tested while no other write is under way. Called on the thread whose writes
     * pass. Returns whether they were written.
     */
    boolean writeUnless(BooleanSupplier condition, byte[] bytes) {
        lock.lock();
        try {
            if (condition.getAsBoolean()) {
                return false;
            }
            writeMetered(BufferData.create(bytes), true);
            return true;
        } finally {
            lock.unlock();
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

    /** Waits until the socket has all that was written. */
    @Override
    public void flush() {
        lock.lock();
        try {
            meter.begins(BufferData.empty());
            try {
                delegate.flush();
                meter.flushed();
            } finally {
                meter.ends();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        delegate.close();
    }

    private static boolean isContinue(BufferData buffer) {
        return buffer.available() == CONTINUE.length && Http10Requests.contains(buffer, 0, CONTINUE);
    }

    private void pass(BufferData buffer, boolean now) {
        lock.lock();
        try {
            if (mayPass() && !(now && isContinue(buffer) && !events.mayContinue())) {
                write(buffer, now);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean mayPass() {
        Thread permitted = only;
        if (permitted == null || permitted == Thread.currentThread()) {
            return true;
        }
        if (events.isOwnThread()) {
            return false;
        }
        throw new UncheckedIOException(new RequestOverException());
    }

    private void write(BufferData buffer, boolean now) {
        BufferData framed = events.writes(buffer);
        try {
            writeMetered(framed, now);
        } catch (RuntimeException | Error e) {
            boolean broken = e instanceof UncheckedIOException || e instanceof SocketWriterException;
            // an interrupt also closes the socket, and other code than Hangup may interrupt
            events.failed(broken && !Thread.currentThread().isInterrupted());
            throw e;
        }
    }

    // with the lock
    private void writeMetered(BufferData buffer, boolean now) {
        meter.begins(buffer);
        try {
            if (now) {
                delegate.writeNow(buffer);
            } else {
                writeDivided(buffer);
            }
        } finally {
            meter.ends();
        }
    }

    private void writeDivided(BufferData buffer) {
        while (divides && buffer.available() > PIECE_BYTES) {
            byte[] piece = new byte[PIECE_BYTES];
            buffer.read(piece);
            writePiece(BufferData.create(piece));
        }
        writePiece(buffer);
    }

    private void writePiece(BufferData piece) {
        delegate.write(piece);
        if (queued) {
            meter.queued(piece);
        }
    }

    /**
     * Waits for a write that is under way. The work that has lost is about to be interrupted; an interrupt while it sends its
     * {@code 100 Continue} would close the socket under the responding thread. The wait is short: a client that does not accept
     * even these bytes is not waited for.
     */
    private void awaitWriteUnderWay() {
        try {
            if (lock.tryLock(WRITE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)) {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The connection of a writer, as the writer needs it. */
    interface Events {
        /** Whether the current thread is that of the connection, on which only Helidon's own code runs once the work has lost. */
        boolean isOwnThread();

        /** Called before each {@code 100 Continue}, which is dropped if this returns false. */
        boolean mayContinue();

        /** Called with the lock before bytes are written; returns them as the client understands them. */
        BufferData writes(BufferData bytes);

        /**
         * Called with the lock when the write that {@link #writes} preceded has failed.
         *
         * @param broken whether that is because the client cannot be reached
         */
        void failed(boolean broken);
    }
}
