package dev.hangup.internal.http2;

import java.time.Duration;

/**
 * How often something may happen in a period. The periods follow each other, so that twice as much may happen across the
 * border of two. Not for more than one thread at a time.
 */
final class RateLimit {
    private final int most;
    private final long period;
    private long periodStart = System.nanoTime();
    private int count;

    /**
     * @param most   how often; -1 for any number
     * @param period positive
     */
    RateLimit(int most, Duration period) {
        this.most = most;
        this.period = period.toNanos();
    }

    /** So much more may happen in the current period. */
    void allow(int more) {
        count -= more;
    }

    /** It has happened once more: whether that is too often. */
    boolean exceeded() {
        long now = System.nanoTime();
        if (now - periodStart > period) {
            periodStart = now;
            count = 0;
        }
        return ++count > most && most >= 0;
    }
}
