package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.Deadline;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.InFlightRequests;
import dev.hangup.internal.response.ResponseOwnership;
import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;

/** What cancels the work of a race: the client's departure, the deadline, the server's stopping or an operator. */
final class CancellationSignal implements Exchange.Listener, InFlightRequests.Work {
    private static final AtomicReferenceFieldUpdater<CancellationSignal, Outcome> REASON =
            AtomicReferenceFieldUpdater.newUpdater(CancellationSignal.class, Outcome.class, "reason");

    /** Settles the race between the four: the first reason counts, for everybody and for good. */
    private volatile Outcome reason;
    /** The watcher. Written by its thread. */
    private volatile Thread waiter;
    private final ResponseOwnership ownership;
    private final WorkTracker tracker;
    private final long startedAt;
    private final Duration allowed;
    /** Written by the connection's reader, or by a thread whose write failed. */
    private volatile boolean clientGone;
    /** Shortened by nobody but the work's thread. */
    private volatile Deadline deadline;
    /** Written by the timeouts' thread. */
    private volatile Future<?> timeout;
    /** Nobody needs a timeout any more. Written by the thread that answers. */
    private volatile boolean disarmed;
    /** Owned by the work's thread, and by the one that answers when the scope is closed. */
    private Future<?> shorterTimeout;

    /**
     * @param ownership tells whether the client may have all it wanted, and leave for that reason
     * @param tracker   notified once, on any thread, that the work is cancelled
     */
    CancellationSignal(long startedAt, Duration allowed, ResponseOwnership ownership, WorkTracker tracker) {
        this.startedAt = startedAt;
        this.allowed = allowed;
        this.deadline = deadlineIn(allowed);
        this.ownership = ownership;
        this.tracker = tracker;
    }

    @Override
    public void departed() {
        clientGone = true;
        if (!ownership.finishing()) {
            cancel(Outcome.DISCONNECTED);
        }
    }

    @Override
    public void stopping() {
        cancel(Outcome.SHUTDOWN);
    }

    @Override
    public boolean cancel() {
        return !disarmed && cancel(Outcome.CANCELLED);
    }

    @Override
    public Optional<Outcome> cancelled() {
        return Optional.ofNullable(reason);
    }

    @Override
    public Duration allowed() {
        return allowed;
    }

    @Override
    public Duration remaining() {
        return deadline.remaining();
    }

    boolean clientGone() {
        return clientGone;
    }

    boolean isCancelled() {
        return reason != null;
    }

    /** The reason of a signal that was given; {@code null} if none was. */
    Outcome reason() {
        return reason;
    }

    /** Waits for the signal. */
    Outcome await() throws InterruptedException {
        waiter = Thread.currentThread();
        while (reason == null) {
            LockSupport.park(this);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
        return reason;
    }

    Deadline deadline() {
        return deadline;
    }

    /**
     * Starts the timer for the deadline; until then nobody notices that it has passed. Called on a platform thread, so that
     * there is a deadline even for work that lets no virtual thread run; at any time, even when the scope is closed.
     */
    void arm() {
        timeout = schedule();
        if (disarmed) {
            disarm(timeout);
        }
    }

    /** For the work's thread: a deadline that lies before the present one takes its place. */
    void shorten(Duration allowed) {
        Deadline shorter = deadlineIn(allowed);
        if (shorter.compareTo(deadline) < 0) {
            disarm(shorterTimeout);
            deadline = shorter;
            shorterTimeout = schedule();
        }
    }

    /** When the scope is closed. */
    void disarm() {
        disarmed = true;
        disarm(timeout);
        disarm(shorterTimeout);
    }

    private boolean cancel(Outcome outcome) {
        if (!REASON.compareAndSet(this, null, outcome)) {
            return false;
        }
        LockSupport.unpark(waiter);
        // work that has not begun sees by itself that it need not, and what has ended has
        tracker.cancelled(outcome);
        return true;
    }

    private Future<?> schedule() {
        // a request that has waited too long for its permit need not wait for the timer too
        if (deadline.passed()) {
            cancel(Outcome.DEADLINE_EXCEEDED);
        }
        return Timer.after(deadline.remaining(), () -> cancel(Outcome.DEADLINE_EXCEEDED));
    }

    /** Counted from the start, which is a while ago. */
    private Deadline deadlineIn(Duration allowed) {
        return Deadline.in(allowed.minusNanos(System.nanoTime() - startedAt));
    }

    private static void disarm(Future<?> timeout) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}
