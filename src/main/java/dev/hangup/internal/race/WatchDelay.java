package dev.hangup.internal.race;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.internal.time.CoarseTimeout;

/**
 * The time that work may take before it is watched: a {@link CoarseTimeout}.
 * <p>
 * Watching a request costs a virtual thread that waits, another that reads ahead, and a timer, which is more than the rest of a
 * trivial request costs. So the thread that runs a race first waits for this delay, and most work ends within it. A client that
 * leaves during the delay is noticed at the end of the delay, a millisecond or two later.
 */
final class WatchDelay extends CoarseTimeout {
    private static final AtomicReferenceFieldUpdater<WatchDelay, Thread> WAITER =
            AtomicReferenceFieldUpdater.newUpdater(WatchDelay.class, Thread.class, "waiter");

    private final CancellationSignal signal;
    private final Runnable elapsed;
    /**
     * The waiting thread. Set to {@code null} once: by the work's thread when it ends, or by the waiter when the delay has
     * elapsed.
     */
    private volatile Thread waiter = Thread.currentThread();
    /** Written by the coarse timeout's thread. */
    private volatile boolean over;

    /**
     * @param signal  armed when the delay elapses; by the coarse timeout's thread, so that no virtual thread is needed
     * @param elapsed run at the same time, on the same thread; must not block
     */
    WatchDelay(CancellationSignal signal, Runnable elapsed) {
        this.signal = signal;
        this.elapsed = elapsed;
    }

    /**
     * Waits until the work has ended or the delay has elapsed. To be called once, by the thread that created this.
     *
     * @return whether the delay elapsed first; also true if the thread was interrupted first
     */
    boolean elapsedFirst() {
        start();
        Thread me = Thread.currentThread();
        while (waiter == me && !over && !me.isInterrupted()) {
            LockSupport.park(this);
        }
        // settles the race between the end of the work and the end of the delay
        return WAITER.compareAndSet(this, me, null);
    }

    /**
     * Called when the work has ended. Wakes the waiting thread, if any.
     *
     * @return whether a thread was waiting; if so, the work has not outlasted the delay and has no watcher
     */
    boolean workEnded() {
        Thread waiting = WAITER.getAndSet(this, null);
        LockSupport.unpark(waiting);
        return waiting != null;
    }

    @Override
    protected void expired() {
        Thread waiting = waiter;
        if (waiting != null) {
            signal.arm();
            elapsed.run();
            over = true;
            LockSupport.unpark(waiting);
        }
    }
}
