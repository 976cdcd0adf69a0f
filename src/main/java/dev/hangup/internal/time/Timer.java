package dev.hangup.internal.time;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The only timer of Hangup: a daemon thread that runs actions when they are due. It is shared, because a timed wait of each
 * virtual thread would cost more than the rest of a short request.
 */
public final class Timer {
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private Timer() {
    }

    /**
     * Ensures that the timer's thread runs. If it could not be started at the first action instead, that action would fail, and run
     * nevertheless later on.
     *
     * @throws OutOfMemoryError if the thread cannot be started
     */
    public static void ensureStarted() {
        TIMER.prestartCoreThread();
    }

    /** Runs an action after a delay, on the timer's thread: it must not block. Returns a future that cancels the action. */
    public static Future<?> after(Duration delay, Runnable action) {
        return TIMER.schedule(action, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name("hangup-timer")
                .factory());
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }
}
