package dev.hangup.internal.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import dev.hangup.internal.text.Printable;
import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.UnresponsiveWork;

import io.helidon.webserver.http.ServerRequest;

/**
 * The unresponsive work of a server: work that was cancelled and has not ended within the grace period that follows. Work is
 * counted per route well before its grace period is over. A route with too much such work accepts no new requests until some of
 * it has ended.
 */
public final class UnresponsiveRegistry {
    /** Collects and publishes reports; the reports of one piece of work keep their order. */
    private static final EventDispatcher REPORTER = new EventDispatcher("hangup-unresponsive");

    /**
     * The time from cancellation until work that is still running is counted. If the count waited for the grace period, clients
     * that leave early could start any amount of work within it. If it did not wait at all, many clients that leave at once would
     * block a route whose work takes a few milliseconds to end. After this time a virtual thread counts the work when it has had
     * {@value #TURNS} turns: on a busy machine, the threads that interrupt the work and the work itself have had theirs then.
     */
    private static final Duration COUNTED_AFTER = Duration.ofMillis(100);
    /**
     * The reader that notices a departure, the watcher that decides, and the work need one turn each. But each carrier has a queue
     * of its own, and some have more turns than others.
     */
    private static final int TURNS = 16;

    private final Duration after;
    private final int max;
    private final Listeners listeners;
    private final Set<CancelledWork> registered = ConcurrentHashMap.newKeySet();
    /** Holds no entry for a route without such work: nearly always the map is empty. */
    private final Map<Object, Integer> counts = new ConcurrentHashMap<>();

    /**
     * Creates a registry without unresponsive work.
     *
     * @param after grace period for cancelled work; positive
     * @param max   bound on the counted pieces of work of one route; at least 1
     */
    public UnresponsiveRegistry(Duration after, int max, Listeners listeners) {
        this.after = after;
        this.max = max;
        this.listeners = listeners;
    }

    /** The work that is unresponsive now, in no particular order. Each thread is suspended for a moment to take its stack. */
    public List<UnresponsiveWork> snapshot() {
        return registered.stream().map(CancelledWork::snapshot).flatMap(Optional::stream).toList();
    }

    /** The number of pieces of work that are unresponsive now. */
    public int size() {
        return registered.size();
    }

    private Duration countedAfter() {
        return after.compareTo(COUNTED_AFTER) < 0 ? after : COUNTED_AFTER;
    }

    int count(Object route) {
        return counts.getOrDefault(route, 0);
    }

    /** Whether a route has reached its bound and must not begin new work. Called for every request. */
    public boolean isFull(Object route) {
        return !counts.isEmpty() && count(route) >= max;
    }

    /** Records that work is cancelled; {@code workThread} returns {@code null} when the work has ended. */
    public CancelledWork cancelled(Object route, ServerRequest request, Outcome outcome, Supplier<Thread> workThread) {
        return new CancelledWork(route, request, outcome, workThread);
    }

    /** Counts the work against the bound of its route. */
    private void count(CancelledWork work) {
        counts.merge(work.route, 1, Integer::sum);
    }

    /** Reverts {@link #count(CancelledWork)}. */
    private void uncount(CancelledWork work) {
        counts.computeIfPresent(work.route, (route, count) -> count == 1 ? null : count - 1);
    }

    /**
     * The cancellation of one piece of running work. Nearly all work ends in time.
     * <p>
     * This concerns the work alone, not the race. Work that keeps all carriers of virtual threads also blocks the threads that
     * would decide the race and send the response. Such work is unresponsive too, and that is when a report matters most. So
     * nothing here needs a virtual thread once the grace period is over.
     */
    public final class CancelledWork {
        private final Object route;
        private final ServerRequest request;
        private final Outcome outcome;
        private final Supplier<Thread> workThread;
        private final long cancelledAt = System.nanoTime();
        /** Settles the races of the two timeouts with the end of the work. */
        private final AtomicReference<State> state = new AtomicReference<>(State.CANCELLED);
        /** Written by the thread that cancels the work, then by the timer. */
        private volatile Future<?> timeout;
        /** The published report. Owned by the reporting thread. */
        private UnresponsiveWork reported;
        /** Where the work was seen to spin. Written by the reporting thread, once. */
        private volatile String spinsIn;

        private CancelledWork(Object route, ServerRequest request, Outcome outcome, Supplier<Thread> workThread) {
            this.route = route;
            this.request = request;
            this.outcome = outcome;
            this.workThread = workThread;
        }

        /** Starts the grace period. */
        public void begin() {
            timeout = Timer.after(countedAfter(), this::suspected);
            if (workThread.get() == null) {
                ended();
            }
        }

        /** Called when the work has ended; may be called more than once. */
        public void ended() {
            State before = state.getAndSet(State.ENDED);
            Future<?> armed = timeout;
            if (armed != null) {
                armed.cancel(false);
            }
            if (before == State.COUNTED || before == State.UNRESPONSIVE) {
                uncount(this);
            }
            if (before == State.UNRESPONSIVE) {
                long stopping = System.nanoTime() - cancelledAt;
                registered.remove(this);
                REPORTER.dispatch(() -> reportEnd(stopping));
            }
        }

        /** The work as it is now; empty once it has ended. */
        Optional<UnresponsiveWork> snapshot() {
            return Optional.ofNullable(workThread.get()).map(thread -> new UnresponsiveWork(
                    outcome, RequestText.method(request), RequestText.route(request), RequestText.peer(request),
                    Duration.ofNanos(System.nanoTime() - cancelledAt), Printable.thread(thread),
                    List.of(thread.getStackTrace()), Optional.ofNullable(spinsIn), count(route), max));
        }

        /** Called by the timer when the work has not ended for a while. */
        void suspected() {
            Duration left = after.minus(countedAfter());
            if (left.isZero()) {
                unresponsive();
                return;
            }
            timeout = Timer.after(left, this::unresponsive);
            if (state.get() == State.ENDED) {
                // ended() may have seen only the previous timeout
                timeout.cancel(false);
            }
            // last: if the thread cannot be started, the work counts once it is unresponsive
            Thread.ofVirtual().inheritInheritableThreadLocals(false).start(() -> {
                for (int turn = 1; turn < TURNS; turn++) {
                    Thread.yield();
                }
                counted();
            });
        }

        /** Counts the work against the bound of its route, if it has not ended and has not been counted. */
        void counted() {
            if (state.get() != State.CANCELLED) {
                return;
            }
            // Counted before the CAS, so that the end of the work finds the count and reverts it. If the end came first, it is
            // reverted here
            count(this);
            if (!state.compareAndSet(State.CANCELLED, State.COUNTED)) {
                uncount(this);
            }
        }

        /** Called by the timer when the grace period is over. */
        void unresponsive() {
            counted();
            // registered before the CAS for the same reason
            registered.add(this);
            if (state.compareAndSet(State.COUNTED, State.UNRESPONSIVE)) {
                REPORTER.dispatch(this::report);
            } else {
                registered.remove(this);
            }
        }

        private void report() {
            Thread thread = workThread.get();
            spinsIn = thread == null ? null : SpinCheck.spinningIn(thread).orElse(null);
            Optional<UnresponsiveWork> snapshot = snapshot();
            // work that has ended meanwhile need not be reported
            if (snapshot.isPresent() && state.get() == State.UNRESPONSIVE) {
                reported = snapshot.get();
                listeners.publish(listener -> listener.unresponsive(reported));
            }
        }

        private void reportEnd(long stopping) {
            if (reported != null) {
                UnresponsiveWork end = new UnresponsiveWork(outcome, reported.method(), reported.route(), reported.peer(),
                                                            Duration.ofNanos(stopping), reported.thread(), List.of(),
                                                            reported.spinsIn(), count(route), max);
                listeners.publish(listener -> listener.unresponsiveEnded(end));
            }
        }

        private enum State {
            /** The work is within its grace period. */
            CANCELLED,
            /** The work is still running and counts against the bound of its route. */
            COUNTED,
            /** The work is still running after its grace period. */
            UNRESPONSIVE,
            /** The work has ended. */
            ENDED
        }
    }
}
