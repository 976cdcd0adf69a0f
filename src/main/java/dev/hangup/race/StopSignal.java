package dev.hangup.race;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.connection.Exchange;
import dev.hangup.connection.Timer;
import dev.hangup.outcome.Outcome;

/** What tells a race to stop its work: the client's departure, the deadline or the server's stopping. */
final class StopSignal implements Exchange.Listener {
    private static final AtomicReferenceFieldUpdater<StopSignal, Outcome> REASON =
            AtomicReferenceFieldUpdater.newUpdater(StopSignal.class, Outcome.class, "reason");

    /** The first reason counts: to set it settles the race between the three. */
    private volatile Outcome reason;
    /** The watcher. Written by its thread. */
    private volatile Thread waiter;
    private final Subject subject;
    private final long startedAt;
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

    StopSignal(long startedAt, Duration allowed, Subject subject) {
        this.startedAt = startedAt;
        this.deadline = new Deadline(startedAt, allowed);
        this.subject = subject;
    }

    @Override
    public void departed() {
        clientGone = true;
        if (!subject.answerFinished()) {
            give(Outcome.DISCONNECTED);
        }
    }

    @Override
    public void stopping() {
        give(Outcome.SHUTDOWN);
    }

    boolean clientGone() {
        return clientGone;
    }

    boolean given() {
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
        Deadline shorter = new Deadline(startedAt, allowed);
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

    private void give(Outcome outcome) {
        if (REASON.compareAndSet(this, null, outcome)) {
            LockSupport.unpark(waiter);
            subject.toldToStop(outcome);
        }
    }

    private Future<?> schedule() {
        // a request that has waited too long for its permit need not wait for the timer too
        if (deadline.passed()) {
            give(Outcome.DEADLINE_EXCEEDED);
        }
        return Timer.after(deadline.remaining(), () -> give(Outcome.DEADLINE_EXCEEDED));
    }

    private static void disarm(Future<?> timeout) {
        if (timeout != null) {
            timeout.cancel(false);
        }
    }

    /** What is to stop. Called on any thread; must not block. */
    interface Subject {
        /** Whether the client may have all it wanted, and leave for that reason. */
        boolean answerFinished();

        /** The signal was given; once. */
        void toldToStop(Outcome outcome);
    }
}
