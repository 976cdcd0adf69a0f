package dev.hangup.work;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.race.Part;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/**
 * How much of something goes on at a time, and how much more may wait for its turn.
 * <p>
 * First come, first served, until somebody has waited for longer than {@code fairFor}. From then on the newest goes first,
 * until the queue is that short again. Where more is asked for than can be done, somebody is not served in time, and fairness
 * would choose badly: each would get their turn when they have waited for about as long as their patience lasts, most of the
 * work would be stopped half-way, and nobody would be served at all. The newest has patience left; the oldest leave by
 * themselves, and cost nothing.
 * <p>
 * Who waits is interrupted when their request is stopped, and has lost nothing but the time: what nobody wants any more is
 * never let in.
 */
public final class Admission {
    private static final Duration FAIR_FOR = Duration.ofMillis(100);

    private final String what;
    private final int atOnce;
    private final int room;
    private final long fairForNanos;
    private final long retryAfterSeconds;

    private final Lock lock = new ReentrantLock();
    /** The oldest first. Guarded by the lock, as is the number of permits that nobody has. */
    private final SequencedSet<Waiter> queue = new LinkedHashSet<>();
    private int free;

    /**
     * As the other, fair for a tenth of a second.
     *
     * @param what       what is admitted, as a refusal names it
     * @param atOnce     how many at a time; positive
     * @param queue      how many more may wait; zero or more
     * @param retryAfter what those are told that are refused, in whole seconds
     */
    public Admission(String what, int atOnce, int queue, Duration retryAfter) {
        this(what, atOnce, queue, FAIR_FOR, retryAfter);
    }

    /**
     * An admission with all its permits.
     *
     * @param what       what is admitted, as a refusal names it
     * @param atOnce     how many at a time; positive
     * @param queue      how many more may wait; zero or more
     * @param fairFor    how long somebody may wait before the newest go first; zero or more
     * @param retryAfter what those are told that are refused, in whole seconds
     */
    public Admission(String what, int atOnce, int queue, Duration fairFor, Duration retryAfter) {
        this.what = what;
        this.atOnce = atOnce;
        this.room = queue;
        this.fairForNanos = fairFor.toNanos();
        this.retryAfterSeconds = retryAfter.toSeconds();
        this.free = atOnce;
    }

    /**
     * Waits for a turn.
     *
     * @return a permit, to be closed by any thread when what it was for has ended
     * @throws HttpException        with 503 and {@code Retry-After}, at once, if too many wait already
     * @throws InterruptedException if the calling thread is interrupted, or its request is being stopped
     */
    public Permit enter() throws InterruptedException {
        // made before, so that nothing can fail between the permit's being taken and its being given back
        Permit permit = new Permit();
        Waiter waiter = takeOrQueue();
        if (waiter != null) {
            await(waiter);
        }
        try {
            Part.ensureWanted();
        } catch (Throwable e) {
            permit.close();
            throw e;
        }
        return permit;
    }

    /**
     * How many are let in and have not ended.
     *
     * @return a number that may be out of date
     */
    public int running() {
        lock.lock();
        try {
            return atOnce - free;
        } finally {
            lock.unlock();
        }
    }

    /**
     * How many wait for their turn.
     *
     * @return a number that may be out of date
     */
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a permit, and returns {@code null}; or a place in the queue, and returns that. */
    private Waiter takeOrQueue() {
        lock.lock();
        try {
            // nobody waits while there are any
            if (free > 0) {
                free--;
                return null;
            }
            if (queue.size() < room) {
                Waiter waiter = new Waiter();
                queue.add(waiter);
                return waiter;
            }
        } finally {
            lock.unlock();
        }
        throw new HttpException("Too much " + what + " is waiting already", Status.SERVICE_UNAVAILABLE_503, true)
                .header(HeaderValues.create(HeaderNames.RETRY_AFTER, String.valueOf(retryAfterSeconds)));
    }

    private void await(Waiter waiter) throws InterruptedException {
        while (!waiter.admitted) {
            if (Thread.interrupted()) {
                leave(waiter);
                throw new InterruptedException();
            }
            LockSupport.park(this);
        }
    }

    private void leave(Waiter waiter) {
        boolean left;
        lock.lock();
        try {
            left = queue.remove(waiter);
        } finally {
            lock.unlock();
        }
        if (!left) {
            // admitted in the same moment
            handOn();
        }
    }

    /** A permit is for the next one. */
    private void handOn() {
        lock.lock();
        try {
            if (queue.isEmpty()) {
                free++;
                return;
            }
            boolean overloaded = System.nanoTime() - queue.getFirst().since > fairForNanos;
            Waiter next = overloaded ? queue.removeLast() : queue.removeFirst();
            next.admitted = true;
            LockSupport.unpark(next.thread);
        } finally {
            lock.unlock();
        }
    }

    /** One that was let in. */
    public final class Permit implements AutoCloseable {
        /** Settles who gives it back, if several do. */
        private final AtomicBoolean held = new AtomicBoolean(true);

        private Permit() {
        }

        @Override
        public void close() {
            if (held.compareAndSet(true, false)) {
                handOn();
            }
        }
    }

    /** One that waits. */
    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        private final long since = System.nanoTime();
        /** Set by who has a permit to give; whoever has taken it from the queue. */
        private volatile boolean admitted;
    }
}
