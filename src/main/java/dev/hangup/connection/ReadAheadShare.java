package dev.hangup.connection;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What one connection holds of bytes that were read and not yet used, charged to the {@link ReadAheadBounds}. For
 * several holders of one connection, on any threads. No method blocks, calls back or asks for a lock that is held while
 * others are called, so all may be called with locks held.
 */
final class ReadAheadShare {
    private static final long CLOSED = Long.MIN_VALUE;

    private final ReadAheadBounds bounds;
    private final String client;
    private final ReadAheadPool address;
    /** Bytes, or {@link #CLOSED}. */
    private final AtomicLong charged = new AtomicLong();
    /** Taken by the thread that runs it. */
    private final AtomicReference<Runnable> whenRoom = new AtomicReference<>();

    /**
     * @param client  the address that the pool is kept under
     * @param address the pool of the client's address
     */
    ReadAheadShare(ReadAheadBounds bounds, String client, ReadAheadPool address) {
        this.bounds = bounds;
        this.client = client;
        this.address = address;
    }

    /**
     * Whether one more read may be taken; it may exceed the bound by its own length. Always true for a connection
     * that holds less than it is guaranteed, never once the share is closed.
     */
    boolean allows() {
        long held = charged.get();
        return held != CLOSED && bounds.allows(held) && fullPool(held) == null;
    }

    /**
     * Charges bytes that the connection holds from now on. Ignored once the share is closed.
     *
     * @param bytes negative to give back what was charged before
     */
    void charge(int bytes) {
        long before = charged.getAndUpdate(held -> held == CLOSED ? CLOSED : held + bytes);
        if (before != CLOSED) {
            account(before, before + bytes);
            if (bytes < 0) {
                runIfRoom();
            }
        }
    }

    /**
     * Runs an action as soon as a read is allowed, which may be at once.
     *
     * @param action run at most once, on a thread that holds no lock; replaces one that still waits. Never run once the
     *               share is closed
     */
    void whenRoom(Runnable action) {
        whenRoom.set(action);
        runIfRoom();
    }

    /** The connection is over: gives back all that is charged and forgets the action that waits. Idempotent. */
    void close() {
        long before = charged.getAndSet(CLOSED);
        if (before != CLOSED) {
            forget();
            account(before, 0);
            bounds.leave(client);
        }
    }

    /** Takes the action that waits if there is room; without room it goes on waiting where that is missing. */
    Optional<Runnable> takeIfRoom() {
        Optional<Runnable> taken = Optional.empty();
        if (whenRoom.get() != null) {
            long held = charged.get();
            // over the connection's own bound only a charge() of its own makes room, and asks again
            if (held != CLOSED && bounds.allows(held)) {
                ReadAheadPool full = fullPool(held);
                if (full == null) {
                    taken = Optional.ofNullable(whenRoom.getAndSet(null));
                } else {
                    full.await(this);
                }
            }
            if (charged.get() == CLOSED) {
                // guards against the race with close(), which may have looked before there was anything to forget
                forget();
            }
        }
        return taken;
    }

    private void runIfRoom() {
        // the caller may hold locks that the action takes
        takeIfRoom().ifPresent(Thread.ofVirtual().inheritInheritableThreadLocals(false)::start);
    }

    private ReadAheadPool fullPool(long held) {
        if (bounds.guarantees(held)) {
            return null;
        }
        if (!address.hasRoom()) {
            return address;
        }
        return bounds.total().hasRoom() ? null : bounds.total();
    }

    private void forget() {
        whenRoom.set(null);
        address.forget(this);
        bounds.total().forget(this);
    }

    // the changes of concurrent callers add up in any order
    private void account(long before, long after) {
        bounds.hold(after - before);
        long borrowed = bounds.beyondGuaranteed(after) - bounds.beyondGuaranteed(before);
        if (borrowed != 0) {
            address.borrow(borrowed);
            bounds.total().borrow(borrowed);
        }
    }
}
