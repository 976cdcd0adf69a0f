package dev.hangup.internal.http2;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.connection.ReadAheadShare;

/**
 * The data that has arrived on one stream and that its handler has not read.
 * <p>
 * Helidon keeps a queue of 32 frames for each stream. When the queue is full, the thread that reads the connection blocks ({@code
 * Http2ServerStream} of 4.5.0), so that frames of other streams, resets and the end of the connection are not read either. So
 * Helidon receives fewer frames than that, and the rest is held here until the handler has read some.
 */
final class StreamInput {
    /** The maximum number of frames in Helidon's queue, which leaves room for the end of the stream. */
    private static final int MAX_DELIVERED = 16;

    private final ReceiveWindow window;
    private final Lock lock = new ReentrantLock();
    // guarded by lock
    private final HeldData held;
    private int delivered;
    /** Bytes that were not yet returned to the connection's window. */
    private int unread;
    private boolean discarding;

    /**
     * @param open   bytes that a client may send before it has to wait
     * @param window the same for a client that knows the server's settings: only such a client receives updates, so they must be
     *               due before it has used this window up
     * @param share  charged for the bytes held
     */
    StreamInput(int streamId, int open, int window, ReadAheadShare share) {
        this.window = new ReceiveWindow(open, window, false);
        this.held = new HeldData(streamId, share);
    }

    /** Charges the size of a frame that has arrived; {@code false} if it exceeds the window. */
    boolean receive(int bytes) {
        lock.lock();
        try {
            unread += bytes;
        } finally {
            lock.unlock();
        }
        return window.receive(bytes);
    }

    /** On the connection's thread: whether Helidon may receive the next frame at once. */
    boolean mayPass(int bytes) {
        lock.lock();
        try {
            boolean pass = held.isEmpty() && delivered < MAX_DELIVERED;
            if (pass && bytes > 0) {
                delivered++;
            }
            return pass;
        } finally {
            lock.unlock();
        }
    }

    /**
     * On the connection's thread: holds data until there is room for it.
     *
     * @param data without padding
     * @param end  whether the stream ends with it
     */
    void hold(byte[] data, boolean end) {
        lock.lock();
        try {
            if (!discarding) {
                held.add(data, end);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * On the connection's thread: returns the next held frame, if there is room for it.
     *
     * @param last whether the client sends nothing more, so that Helidon may block until there is room
     * @return a frame with its header, {@code null} if there is none
     */
    byte[] next(boolean last) {
        lock.lock();
        try {
            if (held.isEmpty() || !last && delivered >= MAX_DELIVERED) {
                return null;
            }
            byte[] frame = held.remove();
            if (frame.length > Frame.HEADER_LENGTH) {
                delivered++;
            }
            return frame;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Called when the handler has read a frame.
     *
     * @return the number of bytes to return to the connection's window
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

    /**
     * Called when bytes of a frame were dropped that is held without them.
     *
     * @return the number of bytes to return to the connection's window
     */
    int dropped(int bytes) {
        lock.lock();
        try {
            if (discarding) {
                return 0;
            }
            unread -= bytes;
            return bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Enlarges the stream's window by the bytes that were read. Returns the update to announce now, 0 for none. */
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
     * Discards the data, which no code will read.
     *
     * @return the number of bytes to return to the connection's window
     */
    int discard() {
        lock.lock();
        try {
            discarding = true;
            held.clear();
            int dropped = unread;
            unread = 0;
            return dropped;
        } finally {
            lock.unlock();
        }
    }
}
