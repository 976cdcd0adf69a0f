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
 * A connection's writer that can be taken from everyone but one thread, and then from all. What the others write is
 * dropped without a word: they have lost, and their bytes must reach nobody.
 * <p>
 * Writes are one at a time, since a loser may still send {@code 100 Continue} (which passes by every response) while
 * the thread that answers writes, and TLS has one buffer for both.
 */
final class WatchedWriter implements DataWriter {
    private static final Thread NOBODY = Thread.ofVirtual().unstarted(() -> { });
    private static final long PATIENCE_MILLIS = 100;
    /** As Helidon writes it, at once and alone. */
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final DataWriter delegate;
    private final Runnable broken;
    private final BooleanSupplier mayContinue;
    private final Lock lock = new ReentrantLock();
    /** The only thread whose bytes pass; {@code null} for everyone's. Written under no lock: it only ever narrows. */
    private volatile Thread only;

    /**
     * @param broken      run when the client cannot be written to any more
     * @param mayContinue asked before each {@code 100 Continue}, which is dropped if it must not be written
     */
    WatchedWriter(DataWriter delegate, Runnable broken, BooleanSupplier mayContinue) {
        this.delegate = delegate;
        this.broken = broken;
        this.mayContinue = mayContinue;
    }

    /**
     * From now on drop the bytes of all threads but one.
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
            // an interrupt closes the socket too, and not every interrupt is ours
            if (!Thread.currentThread().isInterrupted()) {
                broken.run();
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The loser is going to be interrupted. If that happens while it sends its {@code 100 Continue}, it closes the
     * socket under the thread that answers; so let it. A client that does not even take that will not be waited for.
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
