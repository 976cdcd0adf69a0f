package dev.hangup.internal.http2;

import java.time.Duration;

/**
 * A limit for the number of events in a period. The periods are consecutive, so up to twice the limit may occur around the
 * boundary of two periods. Not thread-safe.
 */
final class RateLimit {
    /** Two events for each 4 KiB of 2 GiB, the largest window of HTTP/2. */
    private static final int MAX_ALLOWANCE = 1 << 20;

    private final int max;
    private final long period;
    private long periodStart = System.nanoTime();
    /** The number of events in the period; negative while further events are allowed in advance, in later periods too. */
    private int count;

    /**
     * @param max    the limit; -1 for none
     * @param period positive
     */
    RateLimit(int max, Duration period) {
        this.max = max;
        this.period = period.toNanos();
    }

    /** Allows further events, whenever they occur; at most {@link #MAX_ALLOWANCE} are outstanding. */
    void allow(long more) {
        renew();
        count = (int) Math.max(-MAX_ALLOWANCE, count - more);
    }

    /** Counts an event; returns whether it exceeds the limit. */
    boolean exceeded() {
        renew();
        return ++count > max && max >= 0;
    }

    private void renew() {
        long now = System.nanoTime();
        if (now - periodStart > period) {
            periodStart = now;
            count = Math.min(count, 0);
        }
    }
}
