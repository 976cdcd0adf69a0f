package dev.hangup.sse;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.internal.time.Timer;

/**
 * Interrupts the thread that sends one event if the event is not sent in time. The interrupt closes the client's connection;
 * nothing else ends a blocking write.
 */
final class SendTimeout {
    private enum State { SENDING, INTERRUPTING, INTERRUPTED, SENT }

    private final Thread thread = Thread.currentThread();
    /** Settles the race between the timeout and the end of the write, after which no interrupt comes. */
    private final AtomicReference<State> state = new AtomicReference<>(State.SENDING);
    private final Future<?> timeout;

    SendTimeout(Duration time) {
        timeout = Timer.after(time, this::passed);
    }

    private void passed() {
        if (state.compareAndSet(State.SENDING, State.INTERRUPTING)) {
            thread.interrupt();
            state.set(State.INTERRUPTED);
        }
    }

    /**
     * Ends the timeout, when the write has returned or thrown. Called by the sending thread; clears the interrupt status if
     * this timeout set it.
     *
     * @return whether the write was interrupted
     */
    boolean end() {
        if (state.compareAndSet(State.SENDING, State.SENT)) {
            timeout.cancel(false);
            return false;
        }
        while (state.get() == State.INTERRUPTING) {
            Thread.onSpinWait();
        }
        Thread.interrupted();
        return true;
    }
}
