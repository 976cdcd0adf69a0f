package dev.hangup.internal.time;

import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a thread from its work until its start has returned: if {@code Thread.start} throws, the work never runs, and the owner may
 * start another thread for it.
 * <p>
 * That is not so without a gate: a virtual thread is handed to the carriers first, and only then {@code start} fails, because no
 * native thread can be started for one more carrier (JDK 25: {@code ForkJoinPool.WorkQueue.push}). Another carrier may have begun
 * to run the thread by then. Such a thread must not be relied on either: if it has parked when its start fails, it never wakes, as
 * it is then marked as terminated.
 * <p>
 * The thread parks while it waits. The kernel may have preempted the thread that starts it in its favor; if it spun, it would keep
 * that thread from its processor for a time slice of milliseconds. For one thread; the thread that starts it uses the gate first.
 */
public final class StartGate {
    private enum State {
        STARTING, STARTED, FAILED
    }

    /** Written once, by the thread that starts the other: so there is no race with it to be settled. */
    private volatile State state = State.STARTING;
    /** The thread that waits; {@code null} if it has not begun to. Written by that thread before it checks the state again. */
    private volatile Thread waiting;

    /** Returns the work for the thread: it begins only when the gate is opened. */
    public Runnable guard(Runnable work) {
        return () -> {
            if (state == State.STARTING) {
                await();
            }
            if (state == State.STARTED) {
                work.run();
            }
        };
    }

    /** Starts the thread whose work is guarded by this gate. */
    public void start(Thread thread) {
        try {
            thread.start();
            open();
        } finally {
            shutUnlessOpen();
        }
    }

    /** Called when the start has returned, if other code calls {@code Thread.start}. */
    public void open() {
        settle(State.STARTED);
    }

    /** Called after that code, in every case. */
    public void shutUnlessOpen() {
        if (state == State.STARTING) {
            settle(State.FAILED);
        }
    }

    private void settle(State end) {
        state = end;
        Thread waits = waiting;
        if (waits != null) {
            LockSupport.unpark(waits);
        }
    }

    private void await() {
        Thread current = Thread.currentThread();
        waiting = current;
        while (state == State.STARTING) {
            if (current.isInterrupted()) {
                // does not park; the thread that starts this one may need its carrier
                Thread.yield();
            } else {
                LockSupport.park(this);
            }
        }
    }
}
