package dev.hangup.internal.race;

import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.internal.time.CoarseTimeout;

/**
 * How long work may take before it is worth being watched: a {@link CoarseTimeout}.
 * <p>
 * To watch a request costs a virtual thread that waits, one that reads ahead, and a timer; more than the rest of a
 * trivial request. So the thread that runs a race has patience with the work at first, and most work ends meanwhile. A
 * client that leaves in that time is noticed at its end: nothing is lost but the milliseconds.
 */
final class WatchDelay extends CoarseTimeout {
    private static final AtomicReferenceFieldUpdater<WatchDelay, Thread> WAITER =
            AtomicReferenceFieldUpdater.newUpdater(WatchDelay.class, Thread.class, "waiter");

    private final CancellationSignal signal;
    private final Runnable elapsed;
    /** Who waits. Set to {@code null} once: by the work's thread when it ends, or by the waiter when that took too long. */
    private volatile Thread waiter = Thread.currentThread();
    /** Written by the timeouts' thread. */
    private volatile boolean over;

    /**
     * @param signal  it is armed when patience comes to an end: by the timeouts' thread, whatever virtual threads wait for
     * @param elapsed run at the same time, on the same thread; must not block
     */
    WatchDelay(CancellationSignal signal, Runnable elapsed) {
        this.signal = signal;
        this.elapsed = elapsed;
    }

    /**
     * Waits until the work has ended, or for as long as patience lasts. To be called once, by the thread that made it.
     *
     * @return whether patience came to an end first; also if the thread was interrupted
     */
    boolean elapsedFirst() {
        start();
        Thread me = Thread.currentThread();
        while (waiter == me && !over && !me.isInterrupted()) {
            LockSupport.park(this);
        }
        // settles the race between the work's end and that of patience
        return WAITER.compareAndSet(this, me, null);
    }

    /**
     * The work has ended: whoever waits need not any more.
     *
     * @return whether somebody did: then the work has not outlasted anyone's patience, and will not
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
