package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.Deadline;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.InFlightRequests;
import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;

/** The signal that cancels the work of a race: the client's departure, the deadline, the server's shutdown, or an operator. */
final class CancellationSignal implements Exchange.Listener, InFlightRequests.Work {
    private static final AtomicReferenceFieldUpdater<CancellationSignal, Outcome> REASON =
            AtomicReferenceFieldUpdater.newUpdater(CancellationSignal.class, Outcome.class, "reason");

    /** Settles the race between the four causes. The first one is the reason for good, for all threads. */
    private volatile Outcome reason;
    /** The watcher. Written by its thread. */
    private volatile Thread waiter;
    private final WorkTracker tracker;
    private final long startedAt;
    private final Duration allowed;
    /** Written by the connection's reader, or by a thread whose write failed. */
    private volatile boolean clientGone;
    /** Only the thread of the work shortens it. */
    private volatile Deadline deadline;
    /** Written by the coarse timeout's thread. */
    private volatile Future<?> timeout;
    /** No timeout is needed any more. Written by the answering thread. */
    private volatile boolean disarmed;
    /** Owned by the thread of the work, and by the answering thread once the scope is closed. */
    private Future<?> shorterTimeout;

    /**
     * @param tracker notified once, on any thread, when the work is cancelled
     */
    CancellationSignal(long startedAt, Duration allowed, WorkTracker tracker) {
        this.startedAt = startedAt;
        this.allowed = allowed;
        this.deadline = deadlineIn(allowed);
        this.tracker = tracker;
    }

    @Override
    public void departed() {
        clientGone = true;
        cancel(Outcome.DISCONNECTED);
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

    /** The reason of the cancellation; {@code null} if the work is not cancelled. */
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
     * Starts the timer for the deadline. Before that, a deadline that passes goes unnoticed. Called on a platform thread, so that
     * the deadline also applies to work that keeps all carrier threads. May be called at any time, even after the scope was
     * closed.
     */
    void arm() {
        timeout = schedule();
        if (disarmed) {
            disarm(timeout);
        }
    }

    /** Called by the thread of the work: replaces the deadline if the new one is earlier. */
    void shorten(Duration allowed) {
        Deadline shorter = deadlineIn(allowed);
        if (shorter.compareTo(deadline) < 0) {
            disarm(shorterTimeout);
            deadline = shorter;
            shorterTimeout = schedule();
        }
    }

    /** Called when the scope is closed. */
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
        // ignored for work that has not begun, which checks the signal itself, and for work that has ended
        tracker.cancelled(outcome);
        return true;
    }

    private Future<?> schedule() {
        // a request whose wait for its permit has used up its time is cancelled at once, without waiting for the timer
        if (deadline.passed()) {
            cancel(Outcome.DEADLINE_EXCEEDED);
        }
        return Timer.after(deadline.remaining(), () -> cancel(Outcome.DEADLINE_EXCEEDED));
    }

    /** The deadline counts from the start of the request, which was some time ago. */
    private Deadline deadlineIn(Duration allowed) {
        return Deadline.in(allowed.minusNanos(System.nanoTime() - startedAt));
    }

    private static void disarm(Future<?> timeout) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }
}
