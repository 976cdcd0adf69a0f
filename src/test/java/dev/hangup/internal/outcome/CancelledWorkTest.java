package dev.hangup.internal.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.hangup.internal.race.RoutePolicy;
import dev.hangup.outcome.Outcome;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** When an order to stop is counted as disobeyed. */
class CancelledWorkTest {
    private final RoutePolicy route = new RoutePolicy(Optional.empty(), Optional.empty());
    private final UnresponsiveRegistry unresponsive = new UnresponsiveRegistry(Duration.ofHours(1), 2, new Listeners(List.of(), List.of()));

    @Test
    void countsBeforeTheEndOfTheGraceUntilThatOfTheWork() {
        UnresponsiveRegistry.CancelledWork one = order();
        UnresponsiveRegistry.CancelledWork other = order();
        one.counted();
        assertFalse(unresponsive.isFull(route));
        other.counted();
        assertEquals(0, unresponsive.size());
        other.unresponsive();
        assertEquals(1, unresponsive.size());
        assertTrue(unresponsive.isFull(route));
        assertFalse(unresponsive.isFull(new RoutePolicy(Optional.empty(), Optional.empty())));
        other.ended();
        assertFalse(unresponsive.isFull(route));
        assertEquals(1, unresponsive.count(route));
        assertEquals(0, unresponsive.size());
        one.ended();
        one.ended();
        assertEquals(0, unresponsive.count(route));
    }

    @Test
    void doesNotCountWhenBothEndInTheSameInstant() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 5_000; round++) {
                UnresponsiveRegistry.CancelledWork work = order();
                Future<?> end = other.submit(() -> {
                    together.await();
                    work.ended();
                    return null;
                });
                together.await();
                work.counted();
                work.unresponsive();
                end.get();
                assertEquals(0, unresponsive.count(route), "after round " + round);
                assertEquals(0, unresponsive.size(), "after round " + round);
            }
        }
    }

    private UnresponsiveRegistry.CancelledWork order() {
        return unresponsive.cancelled(route, null, Outcome.DEADLINE_EXCEEDED, () -> null);
    }
}
