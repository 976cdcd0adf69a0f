package dev.hangup.admission;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.race.CancellableWait;
import dev.hangup.internal.race.OffThreadTask;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;

/**
 * Bounds the number of pieces of work that run at a time, and the number that wait for their turn.
 * <p>
 * The queue is first in, first out. While many waiters leave before their work is done, it is last in, first out (adaptive
 * LIFO, see "Fail at scale", ACM Queue, 2015). Under overload some callers are not served in time, and a fair order would
 * choose the wrong ones. Each caller would be admitted shortly before its client gives up, most of the work would be cancelled
 * half-way, and no client would get a response. The newest waiter has the most time left; the oldest leave by themselves, at no
 * cost. The last few dozen waiters decide: the newest goes first once more than a tenth of them have left, until fewer than a
 * hundredth do.
 * <p>
 * A waiter leaves the queue when it is interrupted, as happens when its request is cancelled, or when the {@link
 * dev.hangup.Uninterruptible} work that it belongs to is cancelled. Cancelled work is never admitted.
 */
public final class AdmissionQueue {
    /** The weight of the latest sample in the moving average of the fraction that left. */
    private static final double LATEST = 1 / 16.0;
    /**
     * The fraction of waiters that left above which the newest goes first; {@link #OLDEST_FIRST_BELOW} is the fraction below which
     * the oldest does.
     */
    private static final double NEWEST_FIRST_ABOVE = 0.1;
    private static final double OLDEST_FIRST_BELOW = 0.01;

    private static final Duration LONGEST = Duration.ofHours(1);

    private final String workName;
    private final int permits;
    private final int maxWaiting;
    private final long retryAfterSeconds;

    private final Lock lock = new ReentrantLock();
    /** The waiters, the oldest first. Guarded by the lock, as are the fields down to {@code newestFirst}. */
    private final SequencedSet<Waiter> queue = new LinkedHashSet<>();
    /** The number of free permits. */
    private int free;
    /** The fraction of recent callers that left before their work was done. */
    private double abandonedFraction;
    private boolean newestFirst;

    /**
     * Creates a queue with all permits free.
     *
     * @param workName   the name of the work in refusals
     * @param permits    the number of permits; positive
     * @param queue      the number of waiters; zero or more
     * @param retryAfter the {@code Retry-After} of refusals, in whole seconds; one second to one hour
     * @throws IllegalArgumentException if one of them is out of range
     */
    public AdmissionQueue(String workName, int permits, int queue, Duration retryAfter) {
        if (permits < 1 || queue < 0 || retryAfter.toSeconds() < 1
                || retryAfter.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("permits must be positive, queue must not be negative, and retryAfter must be"
                                                       + " from PT1S to " + LONGEST + ", but they are "
                                                       + permits + ", " + queue + ", " + retryAfter);
        }
        this.workName = workName;
        this.permits = permits;
        this.maxWaiting = queue;
        this.retryAfterSeconds = retryAfter.toSeconds();
        this.free = permits;
    }

    /**
     * Waits for a permit, and runs work under it.
     *
     * @param work the work; an {@link InterruptedException} that it throws counts as leaving
     * @param <T>  the type of the result
     * @return the result of the work
     * @throws HttpException        with 503 and {@code Retry-After}, at once, if the queue is full
     * @throws InterruptedException if the calling thread is interrupted, or its work is cancelled
     * @throws Exception            if the work threw an exception
     */
    public <T> T run(Callable<? extends T> work) throws Exception {
        try (Permit permit = enter()) {
            try {
                return work.call();
            } catch (InterruptedException e) {
                permit.markAbandoned();
                throw e;
            }
        }
    }

    /**
     * Waits for a permit.
     *
     * @return a permit, which any thread may close when the work has ended
     * @throws HttpException        with 503 and {@code Retry-After}, at once, if the queue is full
     * @throws InterruptedException if the calling thread is interrupted, or its work is cancelled
     */
    public Permit enter() throws InterruptedException {
        // allocated first, so that nothing can fail after the permit is taken
        Permit permit = new Permit();
        Waiter waiter = takeOrQueue();
        if (waiter != null) {
            await(waiter);
        }
        try {
            OffThreadTask.ensureNotCancelled();
        } catch (Throwable e) {
            permit.markAbandoned();
            permit.close();
            throw e;
        }
        return permit;
    }

    /** {@return the number of permits in use; may be out of date} */
    public int running() {
        lock.lock();
        try {
            return permits - free;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the number of waiting callers; may be out of date} */
    public int waiting() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** Takes a permit and returns {@code null}, or else enters the queue and returns the waiter. */
    private Waiter takeOrQueue() {
        lock.lock();
        try {
            // the queue is empty while permits are free
            if (free > 0) {
                free--;
                return null;
            }
            if (queue.size() < maxWaiting) {
                Waiter waiter = new Waiter();
                queue.add(waiter);
                return waiter;
            }
        } finally {
            lock.unlock();
        }
        throw new HttpException("Too much " + workName + " is waiting already", Status.SERVICE_UNAVAILABLE_503, true)
                .header(HeaderValues.create(HeaderNames.RETRY_AFTER, String.valueOf(retryAfterSeconds)));
    }

    private void await(Waiter waiter) throws InterruptedException {
        try (CancellableWait wait = CancellableWait.begin(waiter::wakeUp)) {
            while (!waiter.admitted) {
                if (Thread.interrupted() || wait.isCancelled()) {
                    throw new InterruptedException();
                }
                LockSupport.park(this);
            }
        } catch (Throwable e) {
            leave(waiter);
            throw e;
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
            // admitted at the moment of the cancellation
            admitNext();
        }
    }

    /** Records that a caller was served or has left. */
    private void record(boolean abandoned) {
        abandonedFraction += ((abandoned ? 1 : 0) - abandonedFraction) * LATEST;
        newestFirst = abandonedFraction > (newestFirst ? OLDEST_FIRST_BELOW : NEWEST_FIRST_ABOVE);
    }

    /** Passes a permit on to the next waiter. */
    private void admitNext() {
        lock.lock();
        try {
            if (queue.isEmpty()) {
                free++;
                return;
            }
            Waiter next = newestFirst ? queue.removeLast() : queue.removeFirst();
            next.admitted = true;
            next.wakeUp();
        } finally {
            lock.unlock();
        }
    }

    /** A permit to run. */
    public final class Permit implements AutoCloseable {
        /** Settles the race between several threads that close the permit. */
        private final AtomicBoolean held = new AtomicBoolean(true);

        private volatile boolean abandoned;

        private Permit() {
        }

        /** Records, before the permit is closed, that the caller left before the end of the work. */
        public void markAbandoned() {
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

    /** A waiting caller. */
    private static final class Waiter {
        private final Thread thread = Thread.currentThread();
        /** Set by the thread that passes a permit on, after it took this waiter from the queue. */
        private volatile boolean admitted;

        private void wakeUp() {
            LockSupport.unpark(thread);
        }
    }
}
