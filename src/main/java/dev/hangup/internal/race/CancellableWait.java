package dev.hangup.internal.race;

/**
 * A wait of the calling thread inside of work that nobody interrupts ({@link OffThreadTask#callUninterrupted}). The cancellation
 * of that work wakes the thread up, which then stops waiting as though it was interrupted. On any other thread only an interrupt
 * ends a wait, and this object never reports a cancellation.
 * {@snippet :
 * try (CancellableWait wait = CancellableWait.begin(wakeUp)) {
 *     while (!done) {
 *         if (Thread.interrupted() || wait.isCancelled()) {
 *             throw new InterruptedException();
 *         }
 *         ...
 *     }
 * }
 * }
 * A thread that checks after {@link #begin} and before it blocks misses no cancellation: either it sees the cancellation, or it
 * is woken up.
 */
public final class CancellableWait implements AutoCloseable {
    private static final CancellableWait INTERRUPTIBLE = new CancellableWait(null, () -> { });

    /** The cancellation of the work; {@code null} if its thread is interrupted instead. */
    private final CancelActions cancellation;
    private final Runnable wakeUp;

    private CancellableWait(CancelActions cancellation, Runnable wakeUp) {
        this.cancellation = cancellation;
        this.wakeUp = wakeUp;
    }

    /**
     * Begins a wait. To be closed by the calling thread.
     *
     * @param wakeUp wakes the calling thread up. Runs on the thread that cancels the work, which may be just about to run it when
     *               the wait is closed; must be harmless then, must not block for long, and must not throw
     */
    public static CancellableWait begin(Runnable wakeUp) {
        OffThreadTask<?> task = Current.task();
        CancelActions cancellation = task == null ? null : task.ownCancellation();
        if (cancellation == null) {
            return INTERRUPTIBLE;
        }
        CancellableWait wait = new CancellableWait(cancellation, wakeUp);
        cancellation.add(wait);
        return wait;
    }

    /** Whether the work is cancelled, and the calling thread is not interrupted because of that. */
    public boolean isCancelled() {
        return cancellation != null && cancellation.isRequested();
    }

    @Override
    public void close() {
        if (cancellation != null) {
            cancellation.remove(this);
        }
    }

    void wakeUp() {
        wakeUp.run();
    }
}
