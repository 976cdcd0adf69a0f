package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import dev.hangup.Deadline;

/**
 * One key's way to its owner, for all requests of this member that wait for the key. The thread of the shared call makes the
 * calls; a request that joins later with a later deadline has it sent to the member that is being called.
 */
public final class Relay {
    /** The deadline that is sent is later by so much, so that a storm of requests, each a little later, sends ten a second. */
    private static final Duration AHEAD = Duration.ofMillis(100);
    private static final AtomicLong NUMBERS = new AtomicLong();
    private static final int RETRY_MILLIS = 10;

    private final Lock lock = new ReentrantLock();
    /** What is being waited for, and the deadline that it knows. Guarded by the lock. */
    private Target target;
    private Deadline sent;
    /** Written by the thread that makes the calls. */
    private volatile boolean over;

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
            target = next;
            sent = Deadline.in(deadline.get().remaining().plus(AHEAD));
            return sent;
        } finally {
            lock.unlock();
        }
    }

    /** Ends the relay: nothing is sent any more. */
    public void end() {
        over = true;
    }

    /**
     * Sends the deadline of a request, if it is later than the one that was sent before. Called by the request's thread.
     *
     * @param deadline the deadline of a request that has joined
     * @throws InterruptedException if the request was cancelled
     */
    public void extend(Deadline deadline) throws InterruptedException {
        while (!over) {
            Target called;
            Deadline before;
            Deadline later;
            lock.lock();
            try {
                if (target == null || deadline.compareTo(sent) <= 0) {
                    return;
                }
                called = target;
                before = sent;
                later = Deadline.in(deadline.remaining().plus(AHEAD));
                sent = later;
            } finally {
                lock.unlock();
            }
            if (called.extend(later)) {
                return;
            }
            // it has not received the call yet, or the call is over
            lock.lock();
            try {
                if (target == called) {
                    sent = before;
                }
            } finally {
                lock.unlock();
            }
            TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
        }
    }

    /** What is notified of a later deadline. */
    @FunctionalInterface
    public interface Target {
        /**
         * Sends a later deadline.
         *
         * @param deadline the deadline
         * @return whether it has taken effect
         * @throws InterruptedException if the calling request was cancelled
         */
        boolean extend(Deadline deadline) throws InterruptedException;
    }
}
