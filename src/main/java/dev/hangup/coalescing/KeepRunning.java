package dev.hangup.coalescing;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.function.BiFunction;

import dev.hangup.Deadline;
import dev.hangup.internal.time.Timer;

/** The time for which a shared call runs without waiters, in case a request joins. */
final class KeepRunning {
    private final KeptCalls kept;
    private final Duration time;
    private final BiFunction<Duration, Runnable, Future<?>> timer;
    private final Deadline end;
    /** The deadline of the call while it runs without waiters. */
    final Deadline deadline;
    /** Written by the thread that calls {@link #whenOver}, before it sets {@link #timeout}. */
    private volatile Runnable action;
    private volatile Future<?> timeout;
    /** Written by any thread. */
    private volatile boolean disarmed;

    /**
     * @param time zero if the call is to be abandoned at once, without becoming a kept call
     * @param last the deadline of the last waiter
     */
    KeepRunning(KeptCalls kept, Duration time, Deadline last) {
        this(kept, time, last, Timer::after);
    }

    KeepRunning(KeptCalls kept, Duration time, Deadline last, BiFunction<Duration, Runnable, Future<?>> timer) {
        this.kept = kept;
        this.time = time;
        this.timer = timer;
        this.end = Deadline.in(time);
        this.deadline = last.compareTo(end) > 0 ? last : end;
    }

    /**
     * Runs an action when the time has passed, unless this object has been disarmed. The action runs on the timer's thread; if the
     * time is zero or cannot be measured, on the calling thread; or earlier, on the thread that adds one call too many. It may run
     * twice, so it must check whether the call is still to be abandoned. Must be called without locks.
     */
    void whenOver(Runnable action) {
        if (time.isZero()) {
            action.run();
            return;
        }
        this.action = action;
        try {
            timeout = timer.apply(end.remaining(), this::over);
        } catch (RuntimeException | Error e) {
            // the heap is exhausted, and nothing would end the time
            over();
            return;
        }
        if (disarmed) {
            timeout.cancel(false);
        }
        kept.add(this).ifPresent(KeepRunning::over);
    }

    private void over() {
        disarm();
        action.run();
    }

    /** Cancels the action and its timer. May be called at any time, without locks. */
    void disarm() {
        disarmed = true;
        kept.remove(this);
        Future<?> set = timeout;
        if (set != null) {
            set.cancel(false);
        }
    }

    boolean isDisarmed() {
        return disarmed;
    }
}
