package dev.hangup.internal.carriers;

import java.util.concurrent.TimeUnit;

/**
 * Determines how many carriers are held, during a period called the hold. Owned by the guard's thread.
 * <p>
 * A held carrier does not become idle. So the number of held carriers is the smallest number of busy carriers during a {@linkplain
 * #SAMPLE_NANOS sampling period}. A hold consists of several sampling periods; its number is the largest of their numbers.
 * <p>
 * If carriers freeze soon after their number was lowered, the hold is doubled. So under an intermittent load the number changes
 * less and less often.
 */
final class HeldCarriers {
    /** The sampling period: a virtual thread that runs for so long without a pause holds its carrier. */
    static final long SAMPLE_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    static final long MIN_HOLD_NANOS = TimeUnit.SECONDS.toNanos(1);
    static final long MAX_HOLD_NANOS = TimeUnit.SECONDS.toNanos(64);

    private long length = MIN_HOLD_NANOS;
    private long began;
    /** The largest number of held carriers since the hold began. */
    private int held;
    private long sampleBegan;
    /** The smallest number of busy carriers since the sampling period began. */
    private int leastMounted;

    /** Begins a hold. */
    void begin(long now) {
        began = now;
        held = 0;
        beginSample(now);
    }

    /** Adds the number of carriers that are busy now. */
    void sample(long now, int mounted) {
        leastMounted = Math.min(leastMounted, mounted);
        if (now - sampleBegan >= SAMPLE_NANOS) {
            held = Math.max(held, leastMounted);
            beginSample(now);
        }
    }

    /** The number of carriers that were held since the hold began. */
    int held() {
        return held;
    }

    /** The nanoseconds until the hold is over; not positive if it is. */
    long nanosLeft(long now) {
        return began + length - now;
    }

    /** The nanoseconds that a number of holds takes. */
    long nanosOf(int holds) {
        return holds * length;
    }

    /** Doubles the hold. */
    void lengthen() {
        length = Math.min(2 * length, MAX_HOLD_NANOS);
    }

    /** Gives the hold its initial length. */
    void reset() {
        length = MIN_HOLD_NANOS;
    }

    private void beginSample(long now) {
        sampleBegan = now;
        leastMounted = Integer.MAX_VALUE;
    }
}
