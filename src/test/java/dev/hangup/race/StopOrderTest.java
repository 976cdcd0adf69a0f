package dev.hangup.race;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import dev.hangup.outcome.Outcome;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** When an order to stop is counted as disobeyed. */
class StopOrderTest {
    private final RouteTerms route = new RouteTerms(Optional.empty());
    private final Stubborn stubborn = new Stubborn(Duration.ofHours(1), 2, new Listeners(List.of(), List.of()));

    @Test
    void countsFromTheEndOfTheGraceToThatOfTheWork() {
        StopOrder one = order();
        StopOrder other = order();
        one.overdue();
        assertFalse(stubborn.full(route));
        other.overdue();
        assertTrue(stubborn.full(route));
        assertFalse(stubborn.full(new RouteTerms(Optional.empty())));
        other.obeyed();
        assertFalse(stubborn.full(route));
        assertEquals(1, stubborn.count(route));
        one.obeyed();
        one.obeyed();
        assertEquals(0, stubborn.count(route));
    }

    @Test
    void doesNotCountWhenBothEndInTheSameInstant() throws Exception {
        CyclicBarrier together = new CyclicBarrier(2);
        try (ExecutorService other = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 5_000; round++) {
                StopOrder order = order();
                Future<?> end = other.submit(() -> {
                    together.await();
                    order.obeyed();
                    return null;
                });
                together.await();
                order.overdue();
                end.get();
                assertEquals(0, stubborn.count(route), "after round " + round);
            }
        }
    }

    private StopOrder order() {
        return new StopOrder(stubborn, route, null, Outcome.DEADLINE_EXCEEDED, () -> null);
    }
}
