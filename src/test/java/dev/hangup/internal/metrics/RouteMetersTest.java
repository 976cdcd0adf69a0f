package dev.hangup.internal.metrics;

import java.time.Duration;

import dev.hangup.outcome.Outcome;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The mean by which saved work is estimated. */
class RouteMetersTest {
    private final RouteMeters meters = new RouteMeters("/mean");

    @Test
    void isExactForShortWork() {
        for (int i = 1; i <= 1000; i++) {
            meters.ended(Outcome.COMPLETED, 10_001);
        }
        assertEquals(1, meters.expectedRemaining(Duration.ofNanos(10_000)));
        assertEquals(0, meters.expectedRemaining(Duration.ofNanos(10_002)));
        meters.close();
    }

    /** 10,000 long polls in flight take 292 years together in eleven days. */
    @Test
    void ofMoreWorkThanALongCountsNanoseconds() {
        long year = Duration.ofDays(365).toNanos();
        for (int i = 1; i <= 1000; i++) {
            meters.ended(Outcome.COMPLETED, year);
        }
        assertTrue(Math.abs(meters.expectedRemaining(Duration.ZERO) - year) < year / 1_000_000);
        meters.close();
    }
}
