package dev.hangup.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A function that makes a query of H2 slow. Public, since H2 calls it. */
public final class H2Pause {
    /** Short, because H2 checks for cancellation only every 128 rows. */
    private static final long STEP = TimeUnit.MICROSECONDS.toNanos(100);

    private H2Pause() {
    }

    /**
     * Pauses for a moment.
     *
     * @param end the {@link System#nanoTime()} at which to end
     * @return whether that time has come
     */
    public static boolean pausedUntil(long end) {
        if (System.nanoTime() - end >= 0) {
            return true;
        }
        LockSupport.parkNanos(STEP);
        return false;
    }
}
