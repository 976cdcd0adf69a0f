package dev.hangup.connection;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/** An interrupt that hits its thread inside of one call, while it waits for something there, or not at all. */
final class Interruption {
    private enum State { CALLING, INTERRUPTING, INTERRUPTED, RETURNED }

    private final Thread thread = Thread.currentThread();
    /** Settles the race between the interrupt and the call's return. */
    private final AtomicReference<State> state = new AtomicReference<>(State.CALLING);

    /**
     * Interrupts the call once it waits: not before it has had the time to do what it need not wait for.
     *
     * @param patience how long it has before it is looked at, each time
     */
    void whenItWaits(Duration patience) {
        Alarm.in(patience, () -> {
            if (thread.getState() == Thread.State.WAITING) {
                interrupt();
            } else if (state.get() == State.CALLING) {
                whenItWaits(patience);
            }
        });
    }

    private void interrupt() {
        if (state.compareAndSet(State.CALLING, State.INTERRUPTING)) {
            thread.interrupt();
            state.set(State.INTERRUPTED);
        }
    }

    /** The call has returned; no interrupt comes any more, and none is left. For the thread that called. */
    void returned() {
        if (state.compareAndSet(State.CALLING, State.RETURNED)) {
            return;
        }
        while (state.get() == State.INTERRUPTING) {
            Thread.onSpinWait();
        }
        Thread.interrupted();
    }
}
