package dev.hangup.internal.connection;

import java.time.Duration;

import dev.hangup.testing.BrokenLog;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

/** The timer that all connections of a server depend on. */
class StallTimerTest {
    private static final StallLimit LIMIT = new StallLimit(Duration.ofMillis(40), 1);

    private final Trail trail = new Trail();

    @Test
    void goesOnAlthoughALookFailsAndTheLogToo() {
        try (BrokenLog log = new BrokenLog(StallTimer.class)) {
            StallTimer timer = new StallTimer(LIMIT);
            StallTimer.Connection failing = () -> {
                trail.add("look");
                throw new OutOfMemoryError("Java heap space");
            };
            timer.add(failing);
            log.trail().await("A connection could not be checked for a stall");
            trail.await("look", 2);
            timer.remove(failing);
        }
    }
}
