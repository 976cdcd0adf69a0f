package dev.hangup.share;

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

import dev.hangup.connection.Timer;
import dev.hangup.outcome.Outcome;
import dev.hangup.race.Deadline;
import dev.hangup.race.OffThreadTask;
import dev.hangup.race.RaceRunner;
import dev.hangup.race.WorkContext;
import dev.hangup.race.WorkTracker;

/**
 * One computation, and those who wait for it.
 *
 * <h2>Who takes part</h2>
 * Each request that asks for the same has a {@link Seat} and waits, on its own thread and in its own race. The computation
 * has a thread of its own, which belongs to none of them: it finds no scoped values of any request, and its deadline is the
 * latest of those who wait. That thread is started by the first one who sits down.
 *
 * <h2>How it ends</h2>
 * Once, and the lock settles how. It <em>lands</em> when the computation has returned: everyone who waits gets the result,
 * and so does who comes before it is out of the way. It is out of the way before anyone gets it: who has had a result never
 * gets it again but from memory. It <em>fails</em> when the computation has thrown: everyone who waits gets that, and nobody
 * else. It is <em>abandoned</em> when the last one has left and nobody has come back in time: then the computation is
 * interrupted. Who leaves before that changes nothing for the others. Nobody gets a seat in what has failed or was
 * abandoned, but begins a flight of their own; so nobody is given another's cancellation, nor a failure that is over.
 *
 * <h2>What may still run</h2>
 * A computation that was abandoned, until it notices the interrupt. What it returns then reaches nobody. If it
 * does not end it is unresponsive work of the route whose request has begun it.
 *
 * @param <V> what is computed
 */
final class Flight<V> implements WorkContext {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.incrementAndGet();
    private final String name;
    private final Duration linger;
    private final Callable<V> computation;
    /** Told once, outside of the lock, that it is to get out of the way. */
    private final Ending<V> ending;
    /** Counted down when those who wait may see what has come of it: the next two, written before by the flight's thread. */
    private final CountDownLatch over = new CountDownLatch(1);
    private V value;
    private Throwable thrown;

    private final Lock lock = new ReentrantLock();
    /** Those who wait. Guarded by the lock, as are the next three. */
    private final Set<Seat> seats = new HashSet<>();
    private State state = State.FLYING;
    /** The flight's thread; {@code null} until somebody has sat down. */
    private Thread thread;
    /** The time in which somebody may come back; {@code null} while somebody waits, and at the end. */
    private Lingering lingering;
    /** Empty where there is no route that the computation could count for. */
    private final Optional<WorkTracker> tracker = WorkTracker.besideRequest();

    Flight(String name, Duration linger, Callable<V> computation, Ending<V> ending) {
        this.name = name;
        this.linger = linger;
        this.computation = computation;
        this.ending = ending;
    }

    /**
     * Takes a seat.
     *
     * @param deadline when who sits there will leave at the latest
     * @return the seat, or empty if the flight has failed or was abandoned
     */
    Optional<Seat> join(Deadline deadline) {
        Lingering before;
        Seat seat;
        lock.lock();
        try {
            if (state == State.FAILED || state == State.ABANDONED) {
                return Optional.empty();
            }
            seat = new Seat(deadline, thread == null);
            if (thread == null) {
                Thread starting = Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).unstarted(this::compute);
                moveTo(starting);
                starting.start();
                // not before: where no thread can be started, the next one who comes is to try again
                thread = starting;
            }
            seats.add(seat);
            before = lingering;
            lingering = null;
        } finally {
            lock.unlock();
        }
        disarm(before);
        return Optional.of(seat);
    }

    int waiting() {
        lock.lock();
        try {
            return seats.size();
        } finally {
            lock.unlock();
        }
    }

    /** The latest of those who wait; while nobody does, the end of the time in which somebody may come back. */
    @Override
    public Deadline deadline() {
        lock.lock();
        try {
            return seats.stream()
                    .map(it -> it.deadline)
                    .max(Comparator.naturalOrder())
                    .orElseGet(() -> lingering == null ? Deadline.in(Duration.ZERO) : lingering.end());
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean over() {
        lock.lock();
        try {
            return state != State.FLYING;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String name() {
        return "shared " + number;
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
                return computation.call();
            });
        } catch (Throwable e) {
            thrown = e;
        }
        tracker.ifPresent(WorkTracker::ended);
        if (end(thrown == null ? State.LANDED : State.FAILED)) {
            // who is told may ask again at once, and is not to get the same again
            try {
                getOutOfTheWay();
            } finally {
                over.countDown();
            }
        }
    }

    private void getOutOfTheWay() {
        if (thrown == null) {
            ending.landed(this, value);
        } else {
            ending.lost(this);
        }
    }

    /** Nobody will come back; stops the computation if nobody waits. */
    void closeDown() {
        Lingering time;
        lock.lock();
        try {
            time = lingering;
        } finally {
            lock.unlock();
        }
        if (time != null) {
            time.disarm();
            abandon(time, Outcome.SHUTDOWN);
        }
    }

    private void leave(Seat seat) {
        // who leaves before the end was told to; where there are no requests, nobody asks why
        Outcome why = RaceRunner.cancellationReason().orElse(Outcome.DISCONNECTED);
        Lingering time;
        lock.lock();
        try {
            if (!seats.remove(seat) || !seats.isEmpty() || state != State.FLYING) {
                return;
            }
            time = new Lingering(why == Outcome.SHUTDOWN ? Duration.ZERO : linger);
            lingering = time;
        } finally {
            lock.unlock();
        }
        time.whenOver(() -> abandon(time, why));
    }

    /** Unless somebody has come back in that time, or the computation has ended. */
    private void abandon(Lingering time, Outcome why) {
        lock.lock();
        try {
            if (lingering != time) {
                return;
            }
            state = State.ABANDONED;
            lingering = null;
        } finally {
            lock.unlock();
        }
        ending.lost(this);
        tracker.ifPresent(it -> it.cancelled(why));
        thread.interrupt();
    }

    /** The computation has ended: settles the race with the last one's leaving. */
    private boolean end(State how) {
        Lingering before;
        lock.lock();
        try {
            if (state != State.FLYING) {
                return false;
            }
            state = how;
            before = lingering;
            lingering = null;
        } finally {
            lock.unlock();
        }
        disarm(before);
        return true;
    }

    /** Outside of the lock, since the timer's thread may be waiting for that. */
    private static void disarm(Lingering lingering) {
        if (lingering != null) {
            lingering.disarm();
        }
    }

    private enum State {
        FLYING, LANDED, FAILED, ABANDONED
    }

    /** What is to be done at the end; on any thread. Must not block. */
    interface Ending<V> {
        /** There is a result, and new ones need no seat to get it. */
        void landed(Flight<V> flight, V value);

        /** There is none. New ones may have got this out of the way already. */
        void lost(Flight<V> flight);
    }

    /** The place of one who waits. For one thread only, which must leave it. */
    final class Seat implements AutoCloseable {
        private final Deadline deadline;
        private final boolean first;

        private Seat(Deadline deadline, boolean first) {
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
