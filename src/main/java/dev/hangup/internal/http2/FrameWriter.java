package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Writes an HTTP/2 connection's frames, each as a whole, in the order in which they came.
 * <p>
 * A thread that is interrupted while it writes to a socket closes it, and with it the streams of all others. So work,
 * which may be interrupted at any time, only queues its frames; they are written by a thread of this writer's, or by
 * one of those that are known not to be interrupted.
 */
final class FrameWriter implements DataWriter {
    /** How much may be queued before those who write have to wait. */
    private static final int QUEUE_BYTES = 64 * 1024;

    private final DataWriter delegate;
    private final Filter filter;
    private final Runnable broken;
    private final String name;
    /** Threads that may write to the socket themselves. */
    private final Set<Thread> trusted = ConcurrentHashMap.newKeySet();

    private final Lock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    // guarded by lock, all that follows
    private final Queue<BufferData> queue = new ArrayDeque<>();
    private int queued;
    /** Some thread writes to the socket, and will look at the queue before it stops. */
    private boolean writing;
    private RuntimeException failure;

    /**
     * @param broken run when the client cannot be written to any more
     */
    FrameWriter(DataWriter delegate, Filter filter, Runnable broken, String name) {
        this.delegate = delegate;
        this.filter = filter;
        this.broken = broken;
        this.name = name;
    }

    /** The current thread is not going to be interrupted, but to end the connection. */
    void trust() {
        trusted.add(Thread.currentThread());
    }

    /** The current thread has no more to write. */
    void distrust() {
        trusted.remove(Thread.currentThread());
    }

    /** Waits until all is written, or for as long as is given. */
    void awaitWritten(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (writing && left > 0) {
                left = written.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    /** Writes a frame that Helidon knows nothing of, at the next opportunity. Does not wait for anything. */
    void writeSoon(byte[] frame) {
        lock.lock();
        try {
            if (failure == null) {
                queue(BufferData.create(frame));
            }
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #writeSoon}, but waits while the client takes too little of what is written. */
    void writeWhenRoom(byte[] frame) {
        lock.lock();
        try {
            awaitRoom();
            writeSoon(frame);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(BufferData... buffers) {
        writeNow(BufferData.create(buffers));
    }

    @Override
    public void write(BufferData buffer) {
        writeNow(buffer);
    }

    @Override
    public void writeNow(BufferData... buffers) {
        writeNow(BufferData.create(buffers));
    }

    @Override
    public void writeNow(BufferData frame) {
        Frame header = header(frame);
        if (filter.absorbs(header, frame)) {
            return;
        }
        BufferData filtered;
        lock.lock();
        try {
            if (failure != null) {
                throw new UncheckedIOException(new IOException("The connection is broken", failure));
            }
            awaitRoom();
            filtered = filter.filter(header, frame);
            if (filtered == null) {
                return;
            }
            if (writing || !trusted.contains(Thread.currentThread())) {
                queue(filtered);
                return;
            }
            writing = true;
        } finally {
            lock.unlock();
        }
        try {
            delegate.writeNow(filtered);
            wrote(null);
        } catch (RuntimeException e) {
            wrote(e);
            throw e;
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

    // with the lock
    private void awaitRoom() {
        while (queued > QUEUE_BYTES && failure == null && !Thread.currentThread().isInterrupted()) {
            try {
                written.await();
            } catch (InterruptedException e) {
                // its headers are compressed by what was written before: a frame that was begun has to go out
                Thread.currentThread().interrupt();
            }
        }
    }

    // with the lock
    private void queue(BufferData frame) {
        queue.add(frame);
        queued += frame.available();
        startWriting();
    }

    // with the lock
    private void startWriting() {
        if (!writing) {
            writing = true;
            Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).start(this::writeQueue);
        }
    }

    /** After a trusted thread's own frame. */
    private void wrote(RuntimeException failed) {
        lock.lock();
        try {
            writing = false;
            if (failed != null) {
                fail(failed);
            } else if (!queue.isEmpty()) {
                startWriting();
            }
            written.signalAll();
        } finally {
            lock.unlock();
        }
        if (failed != null) {
            broken.run();
        }
    }

    private void writeQueue() {
        RuntimeException failed = null;
        for (BufferData frames = next(); frames != null; frames = next()) {
            try {
                delegate.writeNow(frames);
            } catch (RuntimeException e) {
                failed = e;
                break;
            }
        }
        if (failed != null) {
            wrote(failed);
        }
    }

    /** All that is queued, in one: small writes that follow each other may wait for the client's acknowledgement. */
    private BufferData next() {
        lock.lock();
        try {
            BufferData[] frames = queue.toArray(new BufferData[0]);
            queue.clear();
            queued = 0;
            writing = frames.length > 0;
            written.signalAll();
            return frames.length > 0 ? BufferData.create(frames) : null;
        } finally {
            lock.unlock();
        }
    }

    // with the lock
    private void fail(RuntimeException failed) {
        failure = failed;
        queue.clear();
        queued = 0;
    }

    private static Frame header(BufferData frame) {
        byte[] header = new byte[Frame.HEADER];
        for (int i = 0; i < Frame.HEADER; i++) {
            header[i] = (byte) frame.get(i);
        }
        return Frame.parse(header);
    }

    /** What becomes of Helidon's frames. */
    interface Filter {
        /** Whether a frame is not meant for the client. Asked once for each, on the thread that writes it. */
        boolean absorbs(Frame header, BufferData frame);

        /**
         * Called for each other frame, in the order in which they are written, one at a time.
         *
         * @return one or more whole frames to be written, {@code null} for none
         */
        BufferData filter(Frame header, BufferData frame);
    }
}
