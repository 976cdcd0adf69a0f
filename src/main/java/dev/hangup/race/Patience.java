package dev.hangup.race;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * How long work may take before it is worth being watched: one to two milliseconds.
 * <p>
 * To watch a request costs a virtual thread that waits, one that reads ahead, and a timer; more than the rest of a
 * trivial request. So the thread that runs a race has patience with the work at first, and most work ends meanwhile. A
 * client that leaves in that time is noticed at its end: nothing is lost but the milliseconds.
 * <p>
 * Everyone waits equally long, so those who wait are a queue, and one thread looks at its head once a millisecond for
 * as long as there is one. A timed park for each request would cost as much as what is to be saved.
 */
final class Patience {
    private static final long TICK_NANOS = 1_000_000;
    private static final Queue<Patience> WAITING = new ConcurrentLinkedQueue<>();
    /** The ticking thread has found the queue empty, and parks until it is told that it isn't any more. */
    private static final AtomicBoolean RESTING = new AtomicBoolean();
    private static final Thread TICKING = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("hangup-patience")
            .start(Patience::tick);

    /** Who waits; {@code null} when it waits no longer. Written by the thread itself. */
    private volatile Thread waiting = Thread.currentThread();
    private final long until = System.nanoTime() + TICK_NANOS;
    /** Written by the work's thread. */
    private volatile boolean ended;
    /** Written by the ticking thread. */
    private volatile boolean over;

    /**
     * Waits until the work has ended, or for as long as patience lasts. To be called once, by the thread that made it.
     *
     * @return whether patience came to an end first; also if the thread was interrupted
     */
    boolean outlasted() {
        WAITING.add(this);
        // settles the race between the ticking thread's going to rest and the queue's filling
        if (RESTING.get() && RESTING.compareAndSet(true, false)) {
            LockSupport.unpark(TICKING);
        }
        Thread me = waiting;
        while (!ended && !over && !me.isInterrupted()) {
            LockSupport.park(this);
        }
        waiting = null;
        return !ended;
    }

    /** The work has ended: whoever waits need not any more. */
    void ended() {
        ended = true;
        wake();
    }

    private void wake() {
        Thread waiter = waiting;
        if (waiter != null) {
            LockSupport.unpark(waiter);
        }
    }

    private static void tick() {
        while (true) {
            Patience first = WAITING.peek();
            if (first == null) {
                rest();
            } else if (first.until - System.nanoTime() > 0) {
                LockSupport.parkNanos(TICK_NANOS);
            } else {
                WAITING.remove();
                first.over = true;
                first.wake();
            }
        }
    }

    private static void rest() {
        RESTING.set(true);
        if (WAITING.isEmpty()) {
            LockSupport.park();
        }
        RESTING.set(false);
    }
}
