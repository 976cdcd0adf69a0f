package dev.hangup.coalescing;

import java.time.Duration;
import java.util.concurrent.Future;

import dev.hangup.Deadline;
import dev.hangup.internal.time.Timer;

/** The time for which a shared call runs without waiters, in case a request joins. */
final class KeepRunning {
    private final Duration time;
    private final Deadline end;
    /** Written by the thread that calls {@link #whenOver}. */
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

    /** Runs an action when the time is over, at once or on the timer's thread, unless this was disarmed before. */
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

    /** Cancels the action and its timer. May be called at any time. */
    void disarm() {
        disarmed = true;
        Future<?> set = timeout;
        if (set != null) {
            set.cancel(false);
        }
    }
}
