package dev.hangup.connection;

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
import java.util.function.Predicate;

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
    private final Predicate<Frame> wanted;
    private final Runnable broken;
    private final String name;
    /** Threads that may write to the socket themselves. */
    private final Set<Thread> trusted = ConcurrentHashMap.newKeySet();

    private final Lock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    // guarded by lock, all that follows
    private final Queue<BufferData> queue = new ArrayDeque<>();
    private int queued;
    /** Frames of Hangup's that wait for the end of a header block, which nothing may come between (RFC 9113, 4.3). */
    private final Queue<BufferData> own = new ArrayDeque<>(0);
    private boolean inHeaders;
    /** Some thread writes to the socket, and will look at the queue before it stops. */
    private boolean writing;
    private RuntimeException failure;

    /**
     * @param wanted whether a frame is to be written; asked once for each, one at a time
     * @param broken told when the client cannot be written to any more
     */
    FrameWriter(DataWriter delegate, Predicate<Frame> wanted, Runnable broken, String name) {
        this.delegate = delegate;
        this.wanted = wanted;
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
            if (failure == null && wanted.test(Frame.parse(frame))) {
                own.add(BufferData.create(frame));
                queueOwn();
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
        lock.lock();
        try {
            if (failure != null) {
                throw new UncheckedIOException(new IOException("The connection is broken", failure));
            }
            awaitRoom();
            Frame header = header(frame);
            if (!wanted.test(header)) {
                return;
            }
            boolean free = !writing && trusted.contains(Thread.currentThread());
            if (free) {
                writing = true;
            } else {
                queue(frame);
            }
            inHeaders = header.opensHeaders() || inHeaders && !header.endsHeaders();
            queueOwn();
            if (!free) {
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            delegate.writeNow(frame);
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
    private void queueOwn() {
        while (!inHeaders && !own.isEmpty()) {
            queue(own.remove());
        }
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
        own.clear();
        queued = 0;
    }

    private static Frame header(BufferData frame) {
        byte[] header = new byte[Frame.HEADER];
        for (int i = 0; i < Frame.HEADER; i++) {
            header[i] = (byte) frame.get(i);
        }
        return Frame.parse(header);
    }
}
