package dev.hangup.share;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.connection.Alarm;
import dev.hangup.outcome.Outcome;
import dev.hangup.race.Course;
import dev.hangup.race.Deadline;
import dev.hangup.race.Part;
import dev.hangup.race.Purpose;
import dev.hangup.race.Races;

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
 * and so does who comes before it is out of the way. It <em>fails</em> when the computation has thrown: everyone who waits
 * gets that, and nobody else. It is <em>abandoned</em> when the last one has left and nobody has come back in time: then
 * the computation is interrupted. Who leaves before that changes nothing for the others. Nobody gets a seat in what has
 * failed or was abandoned, but begins a flight of their own; so nobody is given another's cancellation, nor a failure that
 * is over.
 *
 * <h2>What may still run</h2>
 * A computation that was abandoned, until it notices the interrupt. What it returns then reaches nobody. If it
 * does not end it is stubborn work of the route whose request has begun it.
 *
 * @param <V> what is computed
 */
final class Flight<V> implements Purpose {
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final long number = NUMBERS.incrementAndGet();
    private final String name;
    private final Duration linger;
    private final Callable<V> computation;
    /** Told once, outside of the lock, that it is to get out of the way. */
    private final Ending<V> ending;
    private final CompletableFuture<V> result = new CompletableFuture<>();

    private final Lock lock = new ReentrantLock();
    /** Those who wait. Guarded by the lock, as are the next four. */
    private final Set<Seat> seats = new HashSet<>();
    private State state = State.FLYING;
    /** The computation's thread; {@code null} until somebody has sat down. */
    private Thread thread;
    /** How often the last one has left: what a lingering that is out of date is known by. */
    private int emptied;
    /** When nobody can come back any more, if nobody waits. */
    private Deadline lingering = Deadline.in(Duration.ZERO);
    /** Empty where there is no route that the computation could count for. */
    private final Optional<Course> course = Course.besideRequest();

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
        lock.lock();
        try {
            if (state == State.FAILED || state == State.ABANDONED) {
                return Optional.empty();
            }
            Seat seat = new Seat(deadline, thread == null);
            seats.add(seat);
            if (thread == null) {
                thread = Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).unstarted(this::compute);
                worksOn(thread);
                thread.start();
            }
            return Optional.of(seat);
        } finally {
            lock.unlock();
        }
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
                    .orElse(lingering);
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
    public Thread worksOn(Thread thread) {
        return course.map(it -> it.worksOn(thread)).orElse(null);
    }

    private void compute() {
        try {
            V value = Part.callFor(name, this, computation);
            if (end(State.LANDED)) {
                result.complete(value);
                ending.landed(this, value);
            }
        } catch (Throwable e) {
            if (end(State.FAILED)) {
                // first: who has had a failure may ask again at once
                ending.lost(this);
                result.completeExceptionally(e);
            }
        } finally {
            course.ifPresent(Course::ended);
        }
    }

    private void leave(Seat seat) {
        boolean last;
        int time;
        lock.lock();
        try {
            last = seats.remove(seat) && seats.isEmpty() && state == State.FLYING;
            time = last ? ++emptied : emptied;
            lingering = last ? Deadline.in(linger) : lingering;
        } finally {
            lock.unlock();
        }
        if (last) {
            // who leaves before the end was told to; where there are no requests, nobody asks why
            Outcome why = Races.stopReason().orElse(Outcome.DISCONNECTED);
            if (linger.isZero()) {
                abandon(time, why);
            } else {
                Alarm.in(linger, () -> abandon(time, why));
            }
        }
    }

    /** Unless somebody has come back since the last one left for that time. */
    private void abandon(int time, Outcome why) {
        lock.lock();
        try {
            if (!seats.isEmpty() || emptied != time || !end(State.ABANDONED)) {
                return;
            }
        } finally {
            lock.unlock();
        }
        ending.lost(this);
        course.ifPresent(it -> it.toldToStop(why));
        thread.interrupt();
    }

    /** Settles the races between the result, the last one's leaving and a new one's coming. */
    private boolean end(State how) {
        lock.lock();
        try {
            boolean first = state == State.FLYING;
            state = first ? how : state;
            return first;
        } finally {
            lock.unlock();
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
            return result.get();
        }

        /** Leaves; the computation is stopped if this was the last one. */
        @Override
        public void close() {
            leave(this);
        }
    }
}
