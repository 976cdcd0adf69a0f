package dev.hangup.coalescing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

import dev.hangup.Deadline;
import dev.hangup.cluster.Codec;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ClusteredRouteTest {
    private final Trail trail = new Trail();

    /** The waiter once remained, so that the computation had no end. */
    @Test
    void requestThatFailsBeforeItWaitsLeavesItsCall() {
        SharedCalls<String, String> calls = new SharedCalls<>(key -> {
            trail.workUntilInterrupted();
            return "never";
        }, KeptCalls.none(), Optional.empty());
        ClusteredRoute<String, String> route = new ClusteredRoute<>("route", Codec.text(), Codec.text(), calls, Optional.empty());
        byte[] key = "key".getBytes(StandardCharsets.UTF_8);
        Duration minute = Duration.ofMinutes(1);
        // without an id, it cannot be recorded
        assertThrows(NullPointerException.class, () -> route.respond(null, key, Deadline.in(minute), minute));
        assertEquals(0, calls.waiting());
        assertEquals(0, calls.running());
    }
}
