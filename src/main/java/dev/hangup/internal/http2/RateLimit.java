package dev.hangup.internal.http2;

import java.time.Duration;

/**
 * A limit for the number of events in a period. The periods are consecutive, so up to twice the limit may occur around the
 * boundary of two periods. Not thread-safe.
 */
final class RateLimit {
    private final int max;
    private final long period;
    private long periodStart = System.nanoTime();
    private int count;

    /**
     * @param max    the limit; -1 for none
     * @param period positive
     */
    RateLimit(int max, Duration period) {
        this.max = max;
        this.period = period.toNanos();
    }

    /** Raises the limit of the current period. */
    void allow(int more) {
        count -= more;
    }

    /** Counts an event; returns whether it exceeds the limit. */
    boolean exceeded() {
        long now = System.nanoTime();
        if (now - periodStart > period) {
            periodStart = now;
            count = 0;
        }
        return ++count > max && max >= 0;
    }
}
