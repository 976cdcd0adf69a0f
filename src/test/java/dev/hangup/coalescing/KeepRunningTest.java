package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;

import dev.hangup.Deadline;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class KeepRunningTest {
    private final Trail trail = new Trail();

    @Test
    void timeThatCannotBeMeasuredIsOverAtOnce() {
        KeptCalls kept = new KeptCalls(Duration.ofMinutes(1), 16);
        KeepRunning time = new KeepRunning(kept, kept.time, Deadline.in(kept.time), (delay, action) -> {
            throw new InternalError("Java heap space");
        });
        time.whenOver(() -> trail.add("over"));
        assertEquals(List.of("over"), trail.events());
        assertEquals(0, kept.size());
        assertTrue(time.isDisarmed());
    }
}
