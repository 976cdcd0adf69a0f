package dev.hangup.race;

import java.util.concurrent.locks.LockSupport;

import dev.hangup.connection.Tick;

/**
 * How long work may take before it is worth being watched: a {@link Tick}.
 * <p>
 * To watch a request costs a virtual thread that waits, one that reads ahead, and a timer; more than the rest of a
 * trivial request. So the thread that runs a race has patience with the work at first, and most work ends meanwhile. A
 * client that leaves in that time is noticed at its end: nothing is lost but the milliseconds.
 */
final class Patience extends Tick {
    /** Who waits; {@code null} when it waits no longer. Written by the thread itself. */
    private volatile Thread waiting = Thread.currentThread();
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
        start();
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

    @Override
    protected void passed() {
        over = true;
        wake();
    }

    private void wake() {
        Thread waiter = waiting;
        if (waiter != null) {
            LockSupport.unpark(waiter);
        }
    }
}
