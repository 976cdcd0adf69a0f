package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

import dev.hangup.internal.connection.WriteMeter;
import dev.hangup.internal.time.ThreadStarter;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataWriter;

/**
 * Writes the frames of an HTTP/2 connection, each as a whole, in order of arrival.
 * <p>
 * Threads only queue their frames, and a thread of this writer writes them. There are two reasons. A thread that is interrupted
 * while it writes to a socket closes the socket, and with it all streams; work may be interrupted at any time. And everything that
 * is queued is written in one call, so that the header and the data of a response, and the responses of several streams, share
 * system calls. If no thread can be started, the frames stay in the queue until one can be, or until the connection is over.
 */
final class FrameWriter implements DataWriter {
    /** The number of bytes that may be queued before writers have to wait. */
    private static final int QUEUE_BYTES = 64 * 1024;

    private final DataWriter delegate;
    private final Filter filter;
    private final Runnable broken;
    private final ThreadStarter threads;
    /** The writes to the socket. */
    final WriteMeter meter = new WriteMeter();

    private final Lock lock = new ReentrantLock();
    private final Condition written = lock.newCondition();
    // all fields below are guarded by the lock
    private final Queue<BufferData> queue = new ArrayDeque<>();
    private int queued;
    /** The window updates in the queue, by stream. */
    private final Map<Integer, byte[]> updates = new HashMap<>();
    /**
     * The thread that is writing to the socket, or is about to, and will check the queue before it stops; {@code null} if there is
     * none. Interrupted only to close the socket.
     */
    private Thread writer;
    /** Threads that {@link #endWait} has interrupted; each is removed by itself, once it writes again or no more. */
    private final Set<Thread> waitEnded = new HashSet<>();
    private Throwable failure;

    /**
     * @param broken run when a write to the client fails
     */
    FrameWriter(DataWriter delegate, Filter filter, Runnable broken, String name) {
        this(delegate, filter, broken, ThreadStarter.virtual(name));
    }

    FrameWriter(DataWriter delegate, Filter filter, Runnable broken, ThreadFactory threads) {
        this.delegate = delegate;
        this.filter = filter;
        this.broken = broken;
        this.threads = new ThreadStarter(threads);
    }

    /** Called when the current thread has no more to write. */
    void writesNoMore() {
        lock.lock();
        try {
            clearEndOfWait();
        } finally {
            lock.unlock();
        }
    }

    /** Called when a stream was reset: its frames need no room any more. */
    void streamReset() {
        lock.lock();
        try {
            written.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until everything is written, or the given time has elapsed; returns whether nothing is left to be written. */
    boolean awaitWritten(Duration time) {
        lock.lock();
        try {
            long left = time.toNanos();
            while (isAnyLeft() && left > 0) {
                left = written.awaitNanos(left);
            }
            return !isAnyLeft();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Breaks off a write that is under way, by closing the socket, and drops what is queued; does nothing if there is neither. To
     * be called when the connection is over. Over TLS, the socket cannot be closed otherwise while a client blocks the write: its
     * close waits for the writer.
     */
    void breakOff() {
        lock.lock();
        try {
            if (writer != null) {
                writer.interrupt();
            } else if (isAnyLeft()) {
                fail(new IllegalStateException("No thread could be started that writes"));
                filter.wrote(false);
                written.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Interrupts a thread of a stream that was reset, if it still waits. The interrupt does not reach later code: the thread's next
     * frame clears the status, or {@link #writesNoMore} if it writes no more.
     *
     * @param waits whether the thread waits in code that only an interrupt ends
     */
    void endWait(Thread thread, Predicate<Thread> waits) {
        lock.lock();
        try {
            if (waits.test(thread)) {
                waitEnded.add(thread);
                thread.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes a frame unknown to Helidon at the next opportunity. Does not block. */
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

    /**
     * Enlarges the window of a stream, or of the connection (0), at the next opportunity. Does not block. Updates of the same
     * window that were not yet written become one, so that a client that does not read cannot make the queue grow.
     */
    void enlarge(int streamId, int increment) {
        lock.lock();
        try {
            byte[] queuedUpdate = updates.get(streamId);
            if (queuedUpdate != null) {
                Frame.enlarge(queuedUpdate, increment);
            } else if (failure == null) {
                byte[] update = Frame.windowUpdate(streamId, increment);
                updates.put(streamId, update);
                queue(BufferData.create(update));
            }
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #writeSoon}, but waits while the client is too slow in reading. */
    void writeWhenRoom(byte[] frame) {
        lock.lock();
        try {
            awaitRoom(null);
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
        lock.lock();
        try {
            clearEndOfWait();
            awaitRoom(header);
            BufferData filtered = filter.filter(header, frame);
            if (filtered == null) {
                return;
            }
            if (failure != null) {
                throw new UncheckedIOException(new IOException("The connection is broken", failure));
            }
            queue(filtered);
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

    // with the lock
    private void clearEndOfWait() {
        if (waitEnded.remove(Thread.currentThread())) {
            Thread.interrupted();
        }
    }

    /**
     * With the lock.
     *
     * @param header of a frame that the filter has yet to see; {@code null} if there is none
     */
    private void awaitRoom(Frame header) {
        while (queued > QUEUE_BYTES && failure == null && !Thread.currentThread().isInterrupted()
                && (header == null || !filter.drops(header))) {
            try {
                written.await();
            } catch (InterruptedException e) {
                // later header blocks depend on the compression state of earlier ones, so a frame that was begun must be written
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

    private void writeOn() {
        lock.lock();
        try {
            startWriting();
        } finally {
            lock.unlock();
        }
    }

    // with the lock
    private void startWriting() {
        if (writer == null && !queue.isEmpty()) {
            writer = threads.start(this::writeQueue, this::writeOn);
        }
    }

    // with the lock
    private boolean isAnyLeft() {
        return writer != null || !queue.isEmpty();
    }

    // with the lock
    private void fail(Throwable cause) {
        failure = cause;
        queue.clear();
        updates.clear();
        queued = 0;
    }

    private void writeQueue() {
        try {
            for (BufferData frames = next(); frames != null; frames = next()) {
                meter.begins(frames);
                try {
                    delegate.writeNow(frames);
                } finally {
                    meter.ends();
                }
            }
        } catch (RuntimeException | Error e) {
            // also an Error: the connection must not wait for a thread that writes no more
            failed(e);
        }
    }

    private void failed(Throwable cause) {
        try {
            lock.lock();
            try {
                // first: as long as a client counts as having its whole response, its departure is not reported
                filter.wrote(false);
            } finally {
                lock.unlock();
            }
            // before other threads see the failure: the departure must be known before work fails because of it
            broken.run();
        } finally {
            lock.lock();
            try {
                writer = null;
                fail(cause);
                written.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Everything that is queued, as one buffer: consecutive small writes may each wait for the client's acknowledgement. */
    private BufferData next() {
        lock.lock();
        try {
            BufferData[] frames = queue.toArray(new BufferData[0]);
            queue.clear();
            updates.clear();
            queued = 0;
            writer = frames.length > 0 ? writer : null;
            filter.wrote(true);
            filter.writes();
            written.signalAll();
            return frames.length > 0 ? BufferData.create(frames) : null;
        } finally {
            lock.unlock();
        }
    }

    private static Frame header(BufferData frame) {
        byte[] header = new byte[Frame.HEADER_LENGTH];
        for (int i = 0; i < Frame.HEADER_LENGTH; i++) {
            header[i] = (byte) frame.get(i);
        }
        return Frame.parse(header);
    }

    /** Decides about Helidon's frames. */
    interface Filter {
        /** Whether a frame is not meant for the client. Called once for each frame, on the thread that queues it. */
        boolean absorbs(Frame header, BufferData frame);

        /** Called with the writer's lock: whether the frame will not be written, since its stream was reset. */
        boolean drops(Frame header);

        /**
         * Called for each other frame, in the order of writing, one at a time.
         *
         * @return one or more whole frames to be written, {@code null} for none
         */
        BufferData filter(Frame header, BufferData frame);

        /** Called with the writer's lock, before all frames that were filtered and not written are written to the socket. */
        void writes();

        /** Called with the writer's lock, once they are written, or the connection is broken. */
        void wrote(boolean successfully);
    }
}
