package dev.hangup.internal.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.UnresponsiveWork;

import io.helidon.webserver.http.ServerRequest;

/**
 * What running work is told once, if ever: to stop. Nearly all obeys in time; what does not is {@link UnresponsiveRegistry}.
 * <p>
 * This is about the work alone, not about the race. Work that keeps all carriers of virtual threads to itself also keeps
 * those from running that would decide and answer; it is unresponsive all the same, and just then somebody has to say so. That is
 * why nothing that happens here before the work's end needs a virtual thread.
 */
public final class CancelledWork {
    private final UnresponsiveRegistry unresponsive;
    private final Object route;
    private final ServerRequest request;
    private final Outcome outcome;
    private final Supplier<Thread> workThread;
    private final long cancelledAt = System.nanoTime();
    /** Settles the races of the two timeouts with the end of the work. */
    private final AtomicReference<State> state = new AtomicReference<>(State.CANCELLED);
    /** Written by the thread that gives the order, then by the timer. */
    private volatile Future<?> timeout;
    /** What was told. Owned by the reporting thread. */
    private UnresponsiveWork reported;

    /**
     * @param workThread the thread that the work is on; {@code null} when it has ended
     */
    public CancelledWork(UnresponsiveRegistry unresponsive, Object route, ServerRequest request, Outcome outcome,
                         Supplier<Thread> workThread) {
        this.unresponsive = unresponsive;
        this.route = route;
        this.request = request;
        this.outcome = outcome;
        this.workThread = workThread;
    }

    Object route() {
        return route;
    }

    /** From now on the work has its grace. */
    public void begin() {
        timeout = Timer.after(unresponsive.countedAfter(), this::counted);
        if (workThread.get() == null) {
            ended();
        }
    }

    /** The work has ended. May be said more than once. */
    public void ended() {
        State before = state.getAndSet(State.ENDED);
        Future<?> armed = timeout;
        if (armed != null) {
            armed.cancel(false);
        }
        if (before == State.COUNTED || before == State.UNRESPONSIVE) {
            unresponsive.discount(this);
        }
        if (before == State.UNRESPONSIVE) {
            long stopping = System.nanoTime() - cancelledAt;
            unresponsive.remove(this);
            unresponsive.report(() -> reportEnd(stopping));
        }
    }

    /** The work as it is now; empty when it has ended. */
    Optional<UnresponsiveWork> snapshot() {
        return Optional.ofNullable(workThread.get()).map(thread -> new UnresponsiveWork(
                outcome, RequestText.method(request), RequestText.route(request), RequestText.peer(request),
                Duration.ofNanos(System.nanoTime() - cancelledAt), RequestText.thread(thread), List.of(thread.getStackTrace()),
                unresponsive.count(route), unresponsive.max()));
    }

    /** The work has gone on for so long that its route is not to take on more than a few of its kind. Called by the timer. */
    void counted() {
        // counted first, so that the work's end has something to take back; if it was first, this does
        unresponsive.count(this);
        if (!state.compareAndSet(State.CANCELLED, State.COUNTED)) {
            unresponsive.discount(this);
            return;
        }
        Duration left = unresponsive.after().minus(unresponsive.countedAfter());
        if (left.isZero()) {
            unresponsive();
            return;
        }
        timeout = Timer.after(left, this::unresponsive);
        if (state.get() == State.ENDED) {
            // it may have cancelled the timeout before
            timeout.cancel(false);
        }
    }

    /** The grace is over. Called by the timer. */
    void unresponsive() {
        // as above
        unresponsive.add(this);
        if (state.compareAndSet(State.COUNTED, State.UNRESPONSIVE)) {
            unresponsive.report(this::report);
        } else {
            unresponsive.remove(this);
        }
    }

    private void report() {
        Optional<UnresponsiveWork> snapshot = snapshot();
        // what has ended before it was looked at, or meanwhile, need not be told of
        if (snapshot.isPresent() && state.get() == State.UNRESPONSIVE) {
            reported = snapshot.get();
            unresponsive.publish(listener -> listener.unresponsive(reported));
        }
    }

    private void reportEnd(long stopping) {
        if (reported != null) {
            UnresponsiveWork end = new UnresponsiveWork(outcome, reported.method(), reported.route(), reported.peer(),
                                                        Duration.ofNanos(stopping), reported.thread(), List.of(),
                                                        unresponsive.count(route), unresponsive.max());
            unresponsive.publish(listener -> listener.unresponsiveEnded(end));
        }
    }

    private enum State {
        /** The work has its grace. */
        CANCELLED,
        /** It goes on, and counts against its route's bound. */
        COUNTED,
        /** It goes on after that. */
        UNRESPONSIVE,
        /** It has ended. */
        ENDED
    }
}
