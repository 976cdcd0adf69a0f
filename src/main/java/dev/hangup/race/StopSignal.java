package dev.hangup.race;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

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
    private final BooleanSupplier answerFinished;
    private final long startedAt;
    /** Written by the connection's reader, or by a thread whose write failed. */
    private volatile boolean clientGone;
    /** Shortened by nobody but the work's thread. */
    private volatile Deadline deadline;
    /** Owned by the thread that answers. */
    private Future<?> alarm;
    /** Owned by the work's thread, and by the one that answers when the scope is closed. */
    private Future<?> shorterAlarm;

    /**
     * @param answerFinished whether the client may have all it wanted, and leave for that reason
     */
    StopSignal(long startedAt, Duration allowed, BooleanSupplier answerFinished) {
        this.startedAt = startedAt;
        this.deadline = new Deadline(startedAt, allowed);
        this.answerFinished = answerFinished;
    }

    @Override
    public void departed() {
        clientGone = true;
        if (!answerFinished.getAsBoolean()) {
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

    /** The reason of a signal that was given. */
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

    /** Sets the alarm for the deadline; until then nobody notices that it has passed. */
    void setAlarm() {
        alarm = alarm();
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
        callOff(alarm);
        callOff(shorterAlarm);
    }

    private void give(Outcome outcome) {
        if (REASON.compareAndSet(this, null, outcome)) {
            LockSupport.unpark(waiter);
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
}
