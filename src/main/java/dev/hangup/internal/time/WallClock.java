package dev.hangup.internal.time;

import java.time.Duration;
import java.time.Instant;

/**
 * Converts readings of {@link System#nanoTime()} to the time of day. Reading both clocks for each request would cost more than
 * the rest of its report.
 *
 * @param nanos value of {@link System#nanoTime()} when both clocks were read
 * @param time  the time of day at that moment
 */
public record WallClock(long nanos, Instant time) {
    /** How long the two clocks are assumed to advance equally; a change of the system clock takes effect after that time. */
    private static final long NANOS = Duration.ofSeconds(1).toNanos();
    /** How far apart the two readings may be. A pause of the thread in between shifts all times of the next second. */
    private static final long MAX_APART = Duration.ofMillis(1).toNanos();
    private static final int MAX_ATTEMPTS = 10;

    /** Shared by all threads; any recent value will do. */
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
        long nanos;
        Instant time;
        int attempts = 0;
        do {
            nanos = System.nanoTime();
            time = Instant.now();
            attempts++;
        } while (System.nanoTime() - nanos > MAX_APART && attempts < MAX_ATTEMPTS);
        return new WallClock(nanos, time);
    }
}
