package dev.hangup.internal.race;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.internal.time.CoarseTimeout;

/**
 * The time that work may take before it is watched: a {@link CoarseTimeout}.
 * <p>
 * Watching a request costs a virtual thread that waits, another that reads ahead, and a timer, which is more than the rest of a
 * trivial request costs. So the thread that runs a race first waits for this delay, and most work ends within it. A client that
 * leaves during the delay is noticed at the end of the delay, a millisecond or two later.
 * <p>
 * On a busy server, work first waits for a carrier, and so would its watcher. So the delay begins again, at most {@value
 * #MAX_EXTENSIONS} times, while the work has not begun: such work cannot be stopped, and checks the signal when it begins.
 */
final class WatchDelay extends CoarseTimeout {
    private static final AtomicIntegerFieldUpdater<WatchDelay> UNDECIDED =
            AtomicIntegerFieldUpdater.newUpdater(WatchDelay.class, "undecided");

    private static final int MAX_EXTENSIONS = 10;

    private final CancellationSignal signal;
    private final WorkTracker tracker;
    /** The thread that waits. */
    private final Thread waiter = Thread.currentThread();
    /** 1 until the work has ended or the delay is over, then 0: set by the work's thread or by the waiter, whichever is first. */
    private volatile int undecided = 1;
    /** Written by the coarse timeout's thread. */
    private volatile boolean elapsed;
    /** Whether the signal is armed. Written by the coarse timeout's thread before {@link #elapsed}. */
    private boolean armed;
    /** Owned by the coarse timeout's thread. */
    private int extensions;

    /**
     * @param signal  armed when the delay elapses; by the coarse timeout's thread, so that no virtual thread is needed
     * @param tracker knows whether the work has begun
     */
    WatchDelay(CancellationSignal signal, WorkTracker tracker) {
        this.signal = signal;
        this.tracker = tracker;
    }

    /**
     * Waits until the work has ended or the delay has elapsed. To be called once, by the thread that created this. Returns
     * whether the delay elapsed first; also true if the thread was interrupted first. If the signal could not be armed when the
     * delay elapsed, it is armed here; what that throws is thrown.
     */
    boolean elapsedFirst() {
        start();
        while (undecided == 1 && !elapsed && !waiter.isInterrupted()) {
            LockSupport.park(this);
        }
        boolean first = isFirst();
        if (first && elapsed && !armed) {
            signal.arm();
        }
        return first;
    }

    /**
     * Called when the work has ended. To be followed by {@link #wake}. Returns whether that was before the delay had elapsed; if
     * so, the work has no watcher.
     */
    boolean workEndedFirst() {
        return isFirst();
    }

    /** Settles the race between the end of the work and the end of the delay. */
    private boolean isFirst() {
        return UNDECIDED.compareAndSet(this, 1, 0);
    }

    /**
     * Wakes the waiting thread. To be called last on the work's thread: the scope makes the waiting thread park once more if it
     * comes before that thread has ended.
     */
    void wake() {
        LockSupport.unpark(waiter);
    }

    @Override
    protected void expired() {
        if (undecided == 0) {
            return;
        }
        if (tracker.thread() == null && extensions++ < MAX_EXTENSIONS && !signal.pastDeadline()) {
            start();
        } else {
            try {
                signal.arm();
                armed = true;
            } finally {
                // the waiting thread must wake up even if this one could not arm the signal
                elapsed = true;
                LockSupport.unpark(waiter);
            }
        }
    }
}
