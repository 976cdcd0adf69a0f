package dev.hangup.connection;

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
    private final Lock lock = new ReentrantLock();
    /** The only thread whose bytes pass; {@code null} for everyone's. Written under no lock: it only ever narrows. */
    private volatile Thread only;

    WatchedWriter(DataWriter delegate) {
        this.delegate = delegate;
    }

    void onlyFor(Thread thread) {
        only = thread == null ? NOBODY : thread;
    }

    private boolean passes() {
        Thread permitted = only;
        return permitted == null || permitted == Thread.currentThread();
    }

    @Override
    public void write(BufferData... buffers) {
        lock.lock();
        try {
            if (passes()) {
                delegate.write(buffers);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(BufferData buffer) {
        lock.lock();
        try {
            if (passes()) {
                delegate.write(buffer);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void writeNow(BufferData... buffers) {
        lock.lock();
        try {
            if (passes()) {
                delegate.writeNow(buffers);
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void writeNow(BufferData buffer) {
        lock.lock();
        try {
            if (passes()) {
                delegate.writeNow(buffer);
            }
        } finally {
            lock.unlock();
        }
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
