package dev.hangup.demo;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What makes a query of H2 slow. Public, since H2 calls it. */
public final class H2Pause {
    /** H2 looks every 128 rows whether it was cancelled. */
    private static final long STEP = TimeUnit.MICROSECONDS.toNanos(100);

    private H2Pause() {
    }

    /**
     * Pauses for a moment.
     *
     * @param end when there have been enough of them, by {@link System#nanoTime()}
     * @return whether there have
     */
    public static boolean pausedUntil(long end) {
        if (System.nanoTime() - end >= 0) {
            return true;
        }
        LockSupport.parkNanos(STEP);
        return false;
    }
}
