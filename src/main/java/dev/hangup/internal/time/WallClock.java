package dev.hangup.internal.time;

import java.time.Duration;
import java.time.Instant;

/**
 * What the time of day was at a reading of {@link System#nanoTime()}, for every request. To look at both clocks for each would
 * cost more than to make all else that is told of it.
 *
 * @param nanos when both were looked at
 * @param time  what the other one said
 */
public record WallClock(long nanos, Instant time) {
    /** How long the two clocks are taken to run alike: in that time a clock that was set shows. */
    private static final long NANOS = Duration.ofSeconds(1).toNanos();

    /** Any thread's; whichever is there is as good as another. */
    private static volatile WallClock latest = now();

    public static Instant at(long nanos) {
        WallClock clock = latest;
        if (Math.abs(nanos - clock.nanos) > NANOS) {
            clock = now();
            latest = clock;
        }
        return clock.time.plusNanos(nanos - clock.nanos);
    }

    private static WallClock now() {
        return new WallClock(System.nanoTime(), Instant.now());
    }
}
