package dev.hangup.internal.http2;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A flow-control window: how much a client may send on a stream, or on all streams, before it receives an update (RFC 9113, 5.2).
 */
final class ReceiveWindow {
    private final int size;
    private final boolean shared;
    private final Lock lock = new ReentrantLock();
    // guarded by lock
    private int open;
    /** Bytes that were consumed but not announced yet: small updates are not worth their cost. */
    private int owed;

    /**
     * @param open   bytes that a client may send now
     * @param size   bytes that may be under way or unread once the client knows the server's settings
     * @param shared whether it is that of several streams: some may hold most of it unread while the others are read, so that its
     *               updates must not wait until half of it was read
     */
    ReceiveWindow(int open, int size, boolean shared) {
        this.open = open;
        this.size = size;
        this.shared = shared;
    }

    /** Charges received bytes; {@code false} if they exceed the window. */
    boolean receive(int bytes) {
        lock.lock();
        try {
            open -= bytes;
            return open >= 0;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Enlarges the window by the bytes that were read or dropped.
     *
     * @return the update to announce now; 0 for none
     */
    int release(int bytes) {
        lock.lock();
        try {
            owed += bytes;
            // an update at least doubles what is left of a shared window
            boolean due = owed >= size / 2 || shared && owed >= open;
            if (!due) {
                return 0;
            }
            int announced = owed;
            owed = 0;
            open += announced;
            return announced;
        } finally {
            lock.unlock();
        }
    }
}
