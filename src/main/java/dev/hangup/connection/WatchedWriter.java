package dev.hangup.connection;

import java.io.UncheckedIOException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * A connection's writer that can be taken from everyone but one thread, and then from all. What the others write is
 * dropped without a word: they have lost, and their bytes must reach nobody.
 * <p>
 * Writes are one at a time, since a loser may still send {@code 100 Continue} (which passes by every response) while
 * the thread that answers writes, and TLS has one buffer for both.
 */
final class WatchedWriter implements DataWriter {
    private static final Thread NOBODY = Thread.ofVirtual().unstarted(() -> { });

    private final DataWriter delegate;
    private final Runnable broken;
    private final Lock lock = new ReentrantLock();
    /** The only thread whose bytes pass; {@code null} for everyone's. Written under no lock: it only ever narrows. */
    private volatile Thread only;

    /**
     * @param broken told when the client cannot be written to any more
     */
    WatchedWriter(DataWriter delegate, Runnable broken) {
        this.delegate = delegate;
        this.broken = broken;
    }

    void onlyFor(Thread thread) {
        only = thread == null ? NOBODY : thread;
    }

    private void pass(Runnable write) {
        lock.lock();
        try {
            if (passes()) {
                write.run();
            }
        } catch (UncheckedIOException e) {
            broken.run();
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private boolean passes() {
        Thread permitted = only;
        return permitted == null || permitted == Thread.currentThread();
    }

    @Override
    public void write(BufferData... buffers) {
        pass(() -> delegate.write(buffers));
    }

    @Override
    public void write(BufferData buffer) {
        pass(() -> delegate.write(buffer));
    }

    @Override
    public void writeNow(BufferData... buffers) {
        pass(() -> delegate.writeNow(buffers));
    }

    @Override
    public void writeNow(BufferData buffer) {
        pass(() -> delegate.writeNow(buffer));
    }

    @Override
    public void flush() {
        delegate.flush();
    }

    @Override
    public void close() {
        delegate.close();
    }
}
