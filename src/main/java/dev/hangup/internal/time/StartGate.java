package dev.hangup.internal.time;

/**
 * Keeps a thread from its work until its start has returned: if {@code Thread.start} throws, the work never runs, and the owner may
 * start another thread for it.
 * <p>
 * That is not so without a gate: a virtual thread is handed to the carriers first, and only then {@code start} fails, because no
 * native thread can be started for one more carrier (JDK 25: {@code ForkJoinPool.WorkQueue.push}). Another carrier may have begun
 * to run the thread by then. Such a thread must not be relied on either: if it has parked when its start fails, it never wakes, as
 * it is then marked as terminated.
 * <p>
 * The thread waits for a moment, if at all, and does not park. For one thread; the thread that starts it uses the gate first.
 */
public final class StartGate {
    private enum State {
        STARTING, STARTED, FAILED
    }

    /** Written once, by the thread that starts the other: so there is no race with it to be settled. */
    private volatile State state = State.STARTING;

    /** Returns the work for the thread: it begins only when the gate is opened. */
    public Runnable guard(Runnable work) {
        return () -> {
            while (state == State.STARTING) {
                // the thread that starts this one may need its carrier
                Thread.yield();
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
        state = State.STARTED;
    }

    /** Called after that code, in every case. */
    public void shutUnlessOpen() {
        if (state == State.STARTING) {
            state = State.FAILED;
        }
    }
}
