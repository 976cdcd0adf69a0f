package dev.hangup.coalescing;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The calls of a route that run without waiters, in case a request joins. Their time and their number are bounded: one more, and
 * the oldest is abandoned. Otherwise a client that leaves again and again could keep any number of computations running, which no
 * permit and no deadline of a request bounds any more.
 */
final class KeptCalls {
    final Duration time;
    private final int max;
    private final Lock lock = new ReentrantLock();
    /** In the order in which their last waiters have left. Guarded by the lock; no other lock is acquired while it is held. */
    private final SequencedSet<KeepRunning> kept = new LinkedHashSet<>();

    /**
     * @param time how long a call runs without waiters; zero if it does not
     * @param max  the maximum number of such calls; positive
     */
    KeptCalls(Duration time, int max) {
        this.time = time;
        this.max = max;
    }

    /** Returns an instance that abandons each call at once when its last waiter has left. */
    static KeptCalls none() {
        return new KeptCalls(Duration.ZERO, 1);
    }

    /** Adds a call, unless it has ended or a request has joined. Returns the one that is to be abandoned instead. */
    Optional<KeepRunning> add(KeepRunning added) {
        lock.lock();
        try {
            // if it is disarmed later, disarm() removes it after this
            if (added.isDisarmed()) {
                return Optional.empty();
            }
            kept.add(added);
            if (kept.size() <= max) {
                return Optional.empty();
            }
            return Optional.of(kept.removeFirst());
        } finally {
            lock.unlock();
        }
    }

    void remove(KeepRunning removed) {
        lock.lock();
        try {
            kept.remove(removed);
        } finally {
            lock.unlock();
        }
    }

    int size() {
        lock.lock();
        try {
            return kept.size();
        } finally {
            lock.unlock();
        }
    }
}
