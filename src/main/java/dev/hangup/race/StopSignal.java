package dev.hangup.race;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.connection.Alarm;
import dev.hangup.connection.Watch;
import dev.hangup.outcome.Outcome;

/** What tells a race to stop its work: the client's departure, the deadline or the server's stopping. */
final class StopSignal implements Watch.Signals {
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
    /** Written by the ticking thread. */
    private volatile Future<?> alarm;
    /** Nobody needs an alarm any more. Written by the thread that answers. */
    private volatile boolean calledOff;
    /** Owned by the work's thread, and by the one that answers when the scope is closed. */
    private Future<?> shorterAlarm;

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
     * Sets the alarm for the deadline; until then nobody notices that it has passed. Called on a platform thread, so that
     * there is a deadline even for work that lets no virtual thread run; at any time, even when the scope is closed.
     */
    void setAlarm() {
        alarm = alarm();
        if (calledOff) {
            callOff(alarm);
        }
    }

    /** For the work's thread: a deadline that lies before the present one takes its place. */
    void shorten(Duration allowed) {
        Deadline shorter = new Deadline(startedAt, allowed);
        if (shorter.compareTo(deadline) < 0) {
            callOff(shorterAlarm);
            deadline = shorter;
            shorterAlarm = alarm();
        }
    }

    /** When the scope is closed. */
    void callOff() {
        calledOff = true;
        callOff(alarm);
        callOff(shorterAlarm);
    }

    private void give(Outcome outcome) {
        if (REASON.compareAndSet(this, null, outcome)) {
            LockSupport.unpark(waiter);
            subject.toldToStop(outcome);
        }
    }

    private Future<?> alarm() {
        // a request that has waited too long for its permit need not wait for the timer too
        if (deadline.passed()) {
            give(Outcome.DEADLINE_EXCEEDED);
        }
        return Alarm.in(deadline.remaining(), () -> give(Outcome.DEADLINE_EXCEEDED));
    }

    private static void callOff(Future<?> alarm) {
        if (alarm != null) {
            alarm.cancel(false);
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
