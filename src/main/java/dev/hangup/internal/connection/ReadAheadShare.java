package dev.hangup.internal.connection;

import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What one connection holds of bytes that were read and not yet used, charged to the {@link ReadAheadBounds}. For
 * several holders of one connection, on any threads.
 * <p>
 * No method blocks or calls back, and its lock is held for a few assignments; so all may be called with locks held.
 */
public final class ReadAheadShare {
    private final ReadAheadBounds bounds;
    private final String client;
    private final ReadAheadPool address;
    private final ReadAheadPool total;

    /** Taken before a pool's lock, never after it. */
    private final Lock lock = new ReentrantLock();
    // guarded by lock, all that follows
    private long charged;
    /** The part of {@code charged} that both pools have lent; without what exceeded a bound. */
    private long borrowed;
    private boolean closed;
    /** Waits for room; {@code null} if nobody does. */
    private Runnable whenRoom;

    /**
     * @param client  the key that the pool is kept under
     * @param address the pool of the client's address
     */
    ReadAheadShare(ReadAheadBounds bounds, String client, ReadAheadPool address) {
        this.bounds = bounds;
        this.client = client;
        this.address = address;
        this.total = bounds.total();
    }

    /**
     * Whether one more read may be taken; it may exceed the bound by its own length. Always true for a connection
     * that holds less than it is guaranteed, never once the share is closed.
     */
    boolean allows() {
        lock.lock();
        try {
            return !closed && charged < bounds.perConnection() && fullPool().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Charges bytes that the connection holds from now on. Ignored once the share is closed.
     *
     * @param bytes negative to give back what was charged before
     */
    public void charge(int bytes) {
        lock.lock();
        try {
            if (!closed) {
                set(charged + bytes);
            }
        } finally {
            lock.unlock();
        }
        if (bytes < 0) {
            runIfRoom();
        }
    }

    /**
     * Runs an action as soon as a read is allowed, which may be at once.
     *
     * @param action run at most once, on a thread that holds no lock; replaces one that still waits. Never begun once the
     *               share is closed
     */
    void whenRoom(Runnable action) {
        lock.lock();
        try {
            whenRoom = action;
        } finally {
            lock.unlock();
        }
        runIfRoom();
    }

    /** The connection is over: gives back all that is charged and forgets the action that waits. Idempotent. */
    void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            set(0);
            closed = true;
            whenRoom = null;
            address.forget(this);
            total.forget(this);
        } finally {
            lock.unlock();
        }
        bounds.leave(client);
    }

    /** Takes the action that waits if there is room; without room it goes on waiting where that is missing. */
    Optional<Runnable> takeIfRoom() {
        lock.lock();
        try {
            // over the connection's own bound only a charge() of its own makes room, and asks again
            if (closed || whenRoom == null || charged >= bounds.perConnection()) {
                return Optional.empty();
            }
            Optional<ReadAheadPool> full = fullPool();
            if (full.isPresent()) {
                full.get().await(this);
                return Optional.empty();
            }
            Runnable action = whenRoom;
            whenRoom = null;
            return Optional.of(action);
        } finally {
            lock.unlock();
        }
    }

    private void runIfRoom() {
        // the caller may hold locks that the action takes
        takeIfRoom().ifPresent(Thread.ofVirtual().inheritInheritableThreadLocals(false)::start);
    }

    // with the lock
    private Optional<ReadAheadPool> fullPool() {
        if (charged < bounds.guaranteed() || address.hasRoom() && total.hasRoom()) {
            return Optional.empty();
        }
        return Optional.of(address.hasRoom() ? total : address);
    }

    // with the lock
    private void set(long bytes) {
        bounds.hold(bytes - charged);
        charged = bytes;
        long due = Math.max(0, charged - bounds.guaranteed()) - borrowed;
        if (due > 0) {
            long lent = address.borrow(due);
            long lentByBoth = total.borrow(lent);
            borrowed += lentByBoth;
            if (lent > lentByBoth) {
                address.giveBack(lent - lentByBoth);
            }
        } else if (due < 0) {
            borrowed += due;
            address.giveBack(-due);
            total.giveBack(-due);
        }
    }
}
