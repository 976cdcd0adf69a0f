package dev.hangup.coalescing;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.internal.race.CancelActions;
import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.internal.race.RaceRunner;
import dev.hangup.internal.race.WorkContext;
import dev.hangup.internal.race.WorkTracker;
import dev.hangup.outcome.Outcome;

/**
 * One computation, and those who wait for it.
 *
 * <h2>Who takes part</h2>
 * Each request that asks for the same has a {@link Waiter} and waits, on its own thread and in its own race. The computation
 * has a thread of its own, which belongs to none of them: it finds no scoped values of any request, and its deadline is the
 * latest of those who wait. That thread is started by the first one that joins.
 *
 * <h2>How it ends</h2>
 * Once, and the lock settles how. It <em>completes</em> when the computation has returned: everyone who waits gets the result,
 * and so does who comes before it is out of the way. It is out of the way before anyone gets it: who has had a result never
 * gets it again but from memory. It <em>fails</em> when the computation has thrown: everyone who waits gets that, and nobody
 * else. It is <em>abandoned</em> when the last one has left and nobody has come back in time: then the computation is
 * interrupted. Who leaves before that changes nothing for the others. Nobody joins what has failed or was
 * abandoned, but begins a call of their own; so nobody is given another's cancellation, nor a failure that is over.
 *
 * <h2>What may still run</h2>
 * A computation that was abandoned, until it notices the interrupt. What it returns then reaches nobody. If it
 * does not end it is unresponsive work of the route whose request has begun it.
 *
 * @param <V> what is computed
 */
final class SharedCall<V> implements WorkContext {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.incrementAndGet();
    private final String name;
    private final Duration keepRunning;
    private final Callable<V> computation;
    /** Told once, outside of the lock, that it is to get out of the way. */
    private final Listener<V> listener;
    /** Counted down when those who wait may see what has come of it: the next two, written before by the call's thread. */
    private final CountDownLatch over = new CountDownLatch(1);
    private V value;
    private Throwable thrown;

    private final Lock lock = new ReentrantLock();
    /** Those who wait. Guarded by the lock, as are the next three. */
    private final Set<Waiter> waiters = new HashSet<>();
    private State state = State.RUNNING;
    /** The call's thread; {@code null} until somebody has joined. */
    private Thread thread;
    /** The time in which somebody may come back; {@code null} while somebody waits, and at the end. */
    private KeepRunning keptRunning;
    /** Why it was abandoned; {@code null} if it was not. Written once, with the lock held, before anything is told of it. */
    private volatile Outcome abandonedFor;
    private final CancelActions cancellation = new CancelActions(() -> abandonedFor, CancelActions.ACTION_TIME);
    /** Empty where there is no route that the computation could count for. */
    private final Optional<WorkTracker> tracker = RaceRunner.trackerBesideRequest();

    SharedCall(String name, Duration keepRunning, Callable<V> computation, Listener<V> listener) {
        this.name = name;
        this.keepRunning = keepRunning;
        this.computation = computation;
        this.listener = listener;
    }

    /**
     * Joins it.
     *
     * @param deadline when whoever waits will leave at the latest
     * @return a waiter, or empty if the call has failed or was abandoned
     */
    Optional<Waiter> join(Deadline deadline) {
        KeepRunning before;
        Waiter waiter;
        lock.lock();
        try {
            if (state == State.FAILED || state == State.ABANDONED) {
                return Optional.empty();
            }
            waiter = new Waiter(deadline, thread == null);
            if (thread == null) {
                Thread starting = Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).unstarted(this::compute);
                moveTo(starting);
                starting.start();
                // not before: where no thread can be started, the next one who comes is to try again
                thread = starting;
            }
            waiters.add(waiter);
            before = keptRunning;
            keptRunning = null;
        } finally {
            lock.unlock();
        }
        disarm(before);
        return Optional.of(waiter);
    }

    int waiting() {
        lock.lock();
        try {
            return waiters.size();
        } finally {
            lock.unlock();
        }
    }

    /** The latest of those who wait; while nobody does, the end of the time in which somebody may come back. */
    @Override
    public Deadline deadline() {
        lock.lock();
        try {
            return waiters.stream()
                    .map(it -> it.deadline)
                    .max(Comparator.naturalOrder())
                    .orElseGet(() -> keptRunning == null ? Deadline.in(Duration.ZERO) : keptRunning.end());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Cancellation cancellation() {
        return cancellation;
    }

    @Override
    public boolean over() {
        lock.lock();
        try {
            return state != State.RUNNING;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return "shared call " + number;
    }

    @Override
    public Thread moveTo(Thread thread) {
        return tracker.map(it -> it.moveTo(thread)).orElse(null);
    }

    private void compute() {
        try {
            value = OffThreadTask.callFor(name, this, () -> {
                // it may have been abandoned before this thread had its turn
                OffThreadTask.ensureNotCancelled();
                try {
                    return computation.call();
                } finally {
                    cancellation.close();
                }
            });
        } catch (Throwable e) {
            thrown = e;
        }
        tracker.ifPresent(WorkTracker::ended);
        if (end(thrown == null ? State.COMPLETED : State.FAILED)) {
            // who is told may ask again at once, and is not to get the same again
            try {
                retire();
            } finally {
                over.countDown();
            }
        }
    }

    private void retire() {
        if (thrown == null) {
            listener.completed(this, value);
        } else {
            listener.discarded(this);
        }
    }

    /** Nobody will come back; stops the computation if nobody waits. */
    void shutDown() {
        KeepRunning time;
        lock.lock();
        try {
            time = keptRunning;
        } finally {
            lock.unlock();
        }
        if (time != null) {
            time.disarm();
            abandon(time, Outcome.SHUTDOWN);
        }
    }

    private void leave(Waiter waiter) {
        // who leaves before the end was told to; where there are no requests, nobody asks why
        Outcome why = Cancellation.current().reason().orElse(Outcome.DISCONNECTED);
        KeepRunning time;
        lock.lock();
        try {
            if (!waiters.remove(waiter) || !waiters.isEmpty() || state != State.RUNNING) {
                return;
            }
            time = new KeepRunning(why == Outcome.SHUTDOWN ? Duration.ZERO : keepRunning);
            keptRunning = time;
        } finally {
            lock.unlock();
        }
        time.whenOver(() -> abandon(time, why));
    }

    /** Unless somebody has come back in that time, or the computation has ended. */
    private void abandon(KeepRunning time, Outcome why) {
        lock.lock();
        try {
            if (keptRunning != time) {
                return;
            }
            state = State.ABANDONED;
            abandonedFor = why;
            keptRunning = null;
        } finally {
            lock.unlock();
        }
        listener.discarded(this);
        tracker.ifPresent(it -> it.cancelled(why));
        cancellation.begin();
        thread.interrupt();
    }

    /** The computation has ended: settles the race with the last one's leaving. */
    private boolean end(State how) {
        KeepRunning before;
        lock.lock();
        try {
            if (state != State.RUNNING) {
                return false;
            }
            state = how;
            before = keptRunning;
            keptRunning = null;
        } finally {
            lock.unlock();
        }
        disarm(before);
        return true;
    }

    /** Outside of the lock, since the timer's thread may be waiting for that. */
    private static void disarm(KeepRunning keptRunning) {
        if (keptRunning != null) {
            keptRunning.disarm();
        }
    }

    private enum State {
        RUNNING, COMPLETED, FAILED, ABANDONED
    }

    /** What is to be done at the end; on any thread. Must not block. */
    interface Listener<V> {
        /** There is a result, and later requests need not join to get it. */
        void completed(SharedCall<V> call, V value);

        /** There is none. New ones may have got this out of the way already. */
        void discarded(SharedCall<V> call);
    }

    /** The place of one who waits. For one thread only, which must leave it. */
    final class Waiter implements AutoCloseable {
        private final Deadline deadline;
        private final boolean first;

        private Waiter(Deadline deadline, boolean first) {
            this.deadline = deadline;
            this.first = first;
        }

        /** Whether the computation was begun for this one. */
        boolean first() {
            return first;
        }

        /**
         * Waits for the result.
         *
         * @throws InterruptedException if the waiting thread was interrupted
         * @throws ExecutionException   with what the computation threw
         */
        V await() throws InterruptedException, ExecutionException {
            over.await();
            if (thrown != null) {
                throw new ExecutionException(thrown);
            }
            return value;
        }

        /** Leaves; the computation is stopped if this was the last one. */
        @Override
        public void close() {
            leave(this);
        }
    }
}
