package dev.hangup.internal.http2;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;

import dev.hangup.internal.connection.ReadBuffer;

/**
 * The data that has come for one stream and that its handler has not read.
 * <p>
 * Helidon keeps a queue of 32 frames for each stream, and the thread that reads the connection waits when it is full
 * ({@code Http2ServerStream} of 4.5.0): nobody else's frames are read then, nor the end of anything. So Helidon gets
 * fewer than that, and the rest is held here until the handler has read some.
 */
final class StreamInput {
    /** How many frames may be in Helidon's queue, which has room for the end of the stream besides. */
    private static final int MOST_DELIVERED = 16;

    private final ReceiveWindow window;
    private final IntConsumer charge;
    private final Lock lock = new ReentrantLock();
    // guarded by lock
    private final Deque<byte[]> held = new ArrayDeque<>(0);
    private int delivered;
    /** Bytes for which the client was not given anything back. */
    private int unread;
    private boolean discarding;

    /**
     * @param window bytes that a client may send before it has to wait
     * @param charge told how many bytes more are held
     */
    StreamInput(int window, IntConsumer charge) {
        this.window = new ReceiveWindow(window);
        this.charge = charge;
    }

    /** Takes in the size of a frame that has come; {@code false} if that is more than was allowed. */
    boolean receive(int bytes) {
        lock.lock();
        try {
            unread += bytes;
        } finally {
            lock.unlock();
        }
        return window.receive(bytes);
    }

    /** Whether Helidon may have the next frame at once. For the connection's thread. */
    boolean mayPass(int bytes) {
        lock.lock();
        try {
            boolean pass = held.isEmpty() && delivered < MOST_DELIVERED;
            if (pass && bytes > 0) {
                delivered++;
            }
            return pass;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps a frame until there is room for it. For the connection's thread. */
    void hold(byte[] frame) {
        lock.lock();
        try {
            if (!discarding) {
                held.add(frame);
                charge.accept(cost(frame));
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * The next frame that was held and for which there is room. For the connection's thread.
     *
     * @param last whether nothing else is going to come from the client, so that Helidon may wait for room
     * @return a frame with its header, {@code null} if there is none
     */
    byte[] next(boolean last) {
        lock.lock();
        try {
            if (held.isEmpty() || !last && delivered >= MOST_DELIVERED) {
                return null;
            }
            byte[] frame = held.remove();
            charge.accept(-cost(frame));
            if (frame.length > Frame.HEADER) {
                delivered++;
            }
            return frame;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The handler has read a frame.
     *
     * @return how many bytes of all streams' window that gives back
     */
    int read(int bytes) {
        lock.lock();
        try {
            if (discarding) {
                return 0;
            }
            delivered--;
            unread -= bytes;
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** What of this stream's window is to be announced, since so much was read; 0 if nothing. */
    int release(int bytes) {
        return window.release(bytes);
    }

    boolean holds() {
        lock.lock();
        try {
            return !held.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Nobody is going to read what has come.
     *
     * @return how many bytes of all streams' window that gives back
     */
    int discard() {
        lock.lock();
        try {
            discarding = true;
            held.forEach(frame -> charge.accept(-cost(frame)));
            held.clear();
            int dropped = unread;
            unread = 0;
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    private static int cost(byte[] frame) {
        return ReadBuffer.OVERHEAD + frame.length;
    }
}
