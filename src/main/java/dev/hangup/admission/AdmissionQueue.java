package dev.hangup.admission;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.race.OffThreadTask;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/**
 * How much of something goes on at a time, and how much more may wait for its turn.
 * <p>
 * First come, first served; but while many do not stay until they were served, the newest goes first. Where more is asked for
 * than can be done, somebody is not served in time, and fairness would choose badly: each would get their turn when they have
 * waited for about as long as their patience lasts, most of the work would be stopped half-way, and nobody would be served
 * at all. The newest has patience left; the oldest leave by themselves, and cost nothing. (That many leave is known from the
 * last few dozen: more than a tenth of them begins it, less than a hundredth ends it.)
 * <p>
 * Who waits is interrupted when their request is stopped, and has lost nothing but the time: what nobody wants any more is
 * never let in.
 */
public final class AdmissionQueue {
    /** How much the latest counts of what is known of those who left. */
    private static final double LATEST = 1 / 16.0;
    /** So large a part of those who came has left that fairness does not pay, and so small that it does. */
    private static final double MANY = 0.1;
    private static final double FEW = 0.01;

    private final String what;
    private final int atOnce;
    private final int room;
    private final long retryAfterSeconds;

    private final Lock lock = new ReentrantLock();
    /** The oldest first. Guarded by the lock, as are the next three. */
    private final SequencedSet<Waiter> queue = new LinkedHashSet<>();
    /** How many permits nobody has. */
    private int free;
    /** The part of those who came of late that did not stay until they were served. */
    private double abandonedPart;
    private boolean newestFirst;

    /**
     * An admission with all its permits.
     *
     * @param what       what is admitted, as a refusal names it
     * @param atOnce     how many at a time; positive
     * @param queue      how many more may wait; zero or more
     * @param retryAfter what those are told that are refused, in whole seconds; at least one
     * @throws IllegalArgumentException if one of them is out of range
     */
    public AdmissionQueue(String what, int atOnce, int queue, Duration retryAfter) {
        if (atOnce < 1 || queue < 0 || retryAfter.toSeconds() < 1) {
            throw new IllegalArgumentException("There must be a permit, no less than an empty queue, and a second to wait: "
                                                       + atOnce + ", " + queue + ", " + retryAfter);
        }
        this.what = what;
        this.atOnce = atOnce;
        this.room = queue;
        this.retryAfterSeconds = retryAfter.toSeconds();
        this.free = atOnce;
    }

    /**
     * Waits for a turn, and does something then.
     *
     * @param work what to do; that it throws an {@link InterruptedException} says that nobody waits for it any more
     * @param <T>  type of what it returns
     * @return what it returned
     * @throws HttpException        with 503 and {@code Retry-After}, at once, if too many wait already
     * @throws InterruptedException if the calling thread is interrupted, or its request is being stopped
     * @throws Exception            what the work threw
     */
    public <T> T run(Callable<? extends T> work) throws Exception {
        try (Permit permit = enter()) {
            try {
                return work.call();
            } catch (InterruptedException e) {
                permit.abandoned();
                throw e;
            }
        }
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
            OffThreadTask.ensureNotCancelled();
        } catch (Throwable e) {
            permit.abandoned();
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
            record(true);
        } finally {
            lock.unlock();
        }
        if (!left) {
            // admitted in the same moment
            admitNext();
        }
    }

    /** One has gone, served or in vain. */
    private void record(boolean abandoned) {
        abandonedPart += ((abandoned ? 1 : 0) - abandonedPart) * LATEST;
        newestFirst = abandonedPart > (newestFirst ? FEW : MANY);
    }

    /** A permit is for the next one. */
    private void admitNext() {
        lock.lock();
        try {
            if (queue.isEmpty()) {
                free++;
                return;
            }
            Waiter next = newestFirst ? queue.removeLast() : queue.removeFirst();
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

        private volatile boolean abandoned;

        private Permit() {
        }

        /** Says, before it is closed, that nobody has waited for the end of what it was for. */
        public void abandoned() {
            abandoned = true;
        }

        @Override
        public void close() {
            if (held.compareAndSet(true, false)) {
                lock.lock();
                try {
                    record(abandoned);
                    admitNext();
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    /** One that waits. */
    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        /** Set by who has a permit to give; whoever has taken it from the queue. */
        private volatile boolean admitted;
    }
}
