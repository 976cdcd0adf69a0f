package dev.hangup.internal.http2;

import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** How much a client may send on a stream, or on all of them, until it is allowed more (RFC 9113, 5.2). */
final class ReceiveWindow {
    private final int size;
    private final Lock lock = new ReentrantLock();
    // guarded by lock
    private int open;
    /** What may be allowed, and was not announced yet: small announcements cost more than they give. */
    private int owed;

    /**
     * @param size bytes that may be under way or unread
     */
    ReceiveWindow(int size) {
        this.size = size;
        this.open = size;
    }

    /** Takes in what has come; {@code false} if that is more than was allowed. */
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
     * Gives back what was read or dropped.
     *
     * @return what is to be announced now; 0 if nothing
     */
    int release(int bytes) {
        lock.lock();
        try {
            owed += bytes;
            if (owed < size / 2) {
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
