package dev.hangup.connection;

import java.util.concurrent.atomic.AtomicReference;

/** An interrupt that hits its thread inside of one call, or not at all. */
final class Interruption {
    private enum State { CALLING, INTERRUPTING, INTERRUPTED, RETURNED }

    private final Thread thread = Thread.currentThread();
    /** Settles the race between the interrupt and the call's return. */
    private final AtomicReference<State> state = new AtomicReference<>(State.CALLING);

    /** Interrupts the call, unless it has returned. For any thread. */
    void interrupt() {
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
