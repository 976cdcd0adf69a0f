package dev.hangup.internal.connection;

import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.time.ThreadStarter;

/**
 * The bytes that one connection has read and not yet consumed, charged to the {@link ReadAheadBounds}. Several objects of the
 * connection may use the share, on any thread.
 * <p>
 * No method blocks or calls back, and the lock is held for a few assignments only; so all methods may be called while holding
 * other locks.
 */
public final class ReadAheadShare {
    private final ReadAheadBounds bounds;
    private final String client;
    /** The pool of the client's address. */
    private final ReadAheadPool pool;
    private final ThreadStarter threads;

    /**
     * Taken before a pool's lock, never after it. A monitor would pin its carrier on JDK 21 to 23 while the pool's lock
     * is waited for. Threads that wait could pin all carriers, although the holder of that lock needs one.
     */
    private final Lock lock = new ReentrantLock();
    // all fields below are guarded by the lock
    private long charged;
    /** The part of {@code charged} that both pools have lent; excludes what exceeded a bound. */
    private long borrowed;
    private boolean closed;
    /** The action that waits for room; {@code null} if there is none. */
    private Runnable whenRoom;

    ReadAheadShare(ReadAheadBounds bounds, String client, ReadAheadPool pool) {
        this.bounds = bounds;
        this.client = client;
        this.pool = pool;
        this.threads = new ThreadStarter(bounds.threads);
    }

    /**
     * Returns whether one more read is allowed; that read may exceed the bound by its own length. Always true while the
     * connection holds less than its guaranteed bytes; false once the share is closed.
     */
    boolean allows() {
        lock.lock();
        try {
            return !closed && charged < bounds.perConnection && fullPool().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Charges bytes that the connection holds from now on. Ignored once the share is closed.
     *
     * @param bytes negative to return what was charged before
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
     * Runs an action as soon as a read is allowed, possibly at once.
     *
     * @param action run at most once, on a thread that holds no lock; replaces an action that still waits. Does not begin once
     *               the share is closed
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

    /** Called when the connection is over: returns all charged bytes and drops the waiting action. Idempotent. */
    void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            set(0);
            closed = true;
            whenRoom = null;
            pool.forget(this);
            bounds.total.forget(this);
        } finally {
            lock.unlock();
        }
        bounds.leave(client);
    }

    /** Takes the waiting action if there is room. Without room the action stays, and is queued at the pool that is full. */
    Optional<Runnable> takeIfRoom() {
        lock.lock();
        try {
            // over the connection's own bound, only a charge() of this connection makes room, and calls this method again
            if (closed || whenRoom == null || charged >= bounds.perConnection) {
                return Optional.empty();
            }
            Optional<ReadAheadPool> full = fullPool();
            if (full.isPresent()) {
                full.get().enqueue(this);
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
        // the caller may hold locks that the action acquires
        takeIfRoom().ifPresent(action -> threads.start(action, () -> putBack(action), this::runIfRoom));
    }

    private void putBack(Runnable action) {
        lock.lock();
        try {
            if (!closed && whenRoom == null) {
                whenRoom = action;
            }
        } finally {
            lock.unlock();
        }
    }

    // with the lock
    private Optional<ReadAheadPool> fullPool() {
        if (charged < bounds.guaranteed || pool.hasRoom() && bounds.total.hasRoom()) {
            return Optional.empty();
        }
        return Optional.of(pool.hasRoom() ? bounds.total : pool);
    }

    // with the lock
    private void set(long bytes) {
        bounds.hold(bytes - charged);
        charged = bytes;
        long due = Math.max(0, charged - bounds.guaranteed) - borrowed;
        if (due > 0) {
            long lent = pool.borrow(due);
            long lentByBoth = bounds.total.borrow(lent);
            borrowed += lentByBoth;
            if (lent > lentByBoth) {
                pool.giveBack(lent - lentByBoth);
            }
        } else if (due < 0) {
            borrowed += due;
            pool.giveBack(-due);
            bounds.total.giveBack(-due);
        }
    }
}
