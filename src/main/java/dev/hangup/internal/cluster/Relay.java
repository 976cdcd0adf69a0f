package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.hangup.Deadline;

/**
 * One key's way to its owner, for all requests of this member that wait for the key. The thread of the shared call makes the
 * calls. A request that joins later with a later deadline only leaves it here: it reaches the member that is being called a moment
 * later, from one thread for all of them.
 */
public final class Relay {
    /** The deadline that is sent is later by so much, so that a storm of requests, each a little later, sends ten a second. */
    private static final Duration AHEAD = Duration.ofMillis(100);
    private static final AtomicLong NUMBERS = new AtomicLong();

    /** Settles the races of the requests, the calls and the end. The lock of the shared call may be taken inside, not around it. */
    private final Lock lock = new ReentrantLock();
    /** For the member that is being called; {@code null} before the first call. Guarded by the lock. */
    private DeadlineSender sender;
    /** Guarded by the lock. */
    private boolean over;

    /** Returns a name for a call that no other call of this process has. */
    static String nextId() {
        return Long.toString(NUMBERS.incrementAndGet());
    }

    /**
     * Sets what is being called next. A request that joins after this finds it; the deadline of one that has joined before is
     * among those that are returned.
     *
     * @param next     what is notified of later deadlines
     * @param deadline returns the latest deadline of the waiting requests
     * @return the deadline to begin with
     */
    public Deadline target(Target next, Supplier<Deadline> deadline) {
        lock.lock();
        try {
            if (sender != null) {
                sender.end();
            }
            Deadline first = ahead(deadline.get());
            sender = new DeadlineSender(next, first);
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the relay: nothing more is sent, and what is being sent is interrupted. */
    public void end() {
        lock.lock();
        try {
            over = true;
            if (sender != null) {
                sender.end();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Has the deadline of a request sent, if it is later than the one that was sent before. Does not wait for that.
     *
     * @param deadline the deadline of a request that has joined
     */
    public void extend(Deadline deadline) {
        lock.lock();
        try {
            if (!over && sender != null && deadline.compareTo(sender.latest()) > 0) {
                sender.send(ahead(deadline));
            }
        } finally {
            lock.unlock();
        }
    }

    private static Deadline ahead(Deadline deadline) {
        return Deadline.in(deadline.remaining().plus(AHEAD));
    }

    /** What is notified of a later deadline. */
    @FunctionalInterface
    public interface Target {
        /**
         * Sends a later deadline.
         *
         * @param deadline the deadline
         * @return whether it has taken effect
         * @throws InterruptedException if the relay has ended
         */
        boolean extend(Deadline deadline) throws InterruptedException;
    }
}
