package dev.hangup.sse;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.internal.time.Timer;

/**
 * Interrupts the thread that sends one event if the event is not out in time. That closes the client's connection: there is
 * no other way out of a blocking write.
 */
final class SendTimeout {
    private enum State { SENDING, INTERRUPTING, INTERRUPTED, SENT }

    private final Thread thread = Thread.currentThread();
    /** Settles the race between the alarm and the end of the write: no interrupt comes after that. */
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
     * The write has ended, in one way or another. For the thread that sends; its interrupt status is cleared if that was set
     * by this.
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
