package dev.hangup.coalescing;

import java.time.Duration;
import java.util.concurrent.Future;

import dev.hangup.Deadline;
import dev.hangup.internal.time.Timer;

/** A time in which nobody waits for a call, and somebody may come back. */
final class KeepRunning {
    private final Duration time;
    private final Deadline end;
    /** Written by the thread that has {@link #whenOver} called. */
    private volatile Future<?> timeout;
    /** Written by any thread. */
    private volatile boolean disarmed;

    KeepRunning(Duration time) {
        this.time = time;
        this.end = Deadline.in(time);
    }

    Deadline end() {
        return end;
    }

    /** Runs an action when it is over: at once, or on the timer's thread, if it is not called off before. */
    void whenOver(Runnable action) {
        if (time.isZero()) {
            action.run();
            return;
        }
        timeout = Timer.after(end.remaining(), action);
        if (disarmed) {
            timeout.cancel(false);
        }
    }

    /** Nobody needs to hear of the end any more, and the timer forgets it. At any time. */
    void disarm() {
        disarmed = true;
        Future<?> set = timeout;
        if (set != null) {
            set.cancel(false);
        }
    }
}
