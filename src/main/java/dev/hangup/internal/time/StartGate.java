package dev.hangup.internal.time;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

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
    static final Duration RETRY_AFTER = Duration.ofMillis(10);

    private enum State {
        STARTING, STARTED, FAILED
    }

    private final Consumer<Object> park;
    private final Consumer<Thread> unpark;
    /** Written once, by the thread that starts the other: so there is no race with it to be settled. */
    private volatile State state = State.STARTING;
    /** The thread that waits; {@code null} if it has not begun to. Written by that thread before it checks the state again. */
    private volatile Thread waiting;

    public StartGate() {
        this(LockSupport::park, LockSupport::unpark);
    }

    StartGate(Consumer<Object> park, Consumer<Thread> unpark) {
        this.park = park;
        this.unpark = unpark;
    }

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
            wake(waits);
        }
    }

    /**
     * Never throws: the state is final, so the caller must not take the thread for one that does not run. On JDK 21 to 23, {@code
     * unpark} has made the thread ready to run when it throws because no native thread can be started for one more carrier. If it
     * throws before that, a later call wakes the thread.
     */
    private void wake(Thread waits) {
        try {
            unpark.accept(waits);
        } catch (RuntimeException | Error e) {
            wakeLater(waits);
        }
    }

    /**
     * Has the timer wake the thread. The thread waits without a timeout, because a timed wait would cost more than the rest of its
     * start.
     */
    private void wakeLater(Thread waits) {
        try {
            Timer.after(RETRY_AFTER, () -> wake(waits));
        } catch (RuntimeException | Error e) {
            // the heap is exhausted; this call would have been needed only if unpark had failed before it did anything
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
                parkIfPossible();
            }
        }
    }

    private void parkIfPossible() {
        try {
            park.accept(this);
        } catch (RuntimeException | Error e) {
            // no memory for the frames of a parked thread (before JDK 24), which Thread.yield would need as well
            Thread.onSpinWait();
        }
    }
}
