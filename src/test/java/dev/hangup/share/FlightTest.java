package dev.hangup.share;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.hangup.connection.Usage;
import dev.hangup.race.Deadline;
import dev.hangup.testing.Patience;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What becomes of a flight, and who takes part in it, when things happen at the same time. */
class FlightTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Deadline SOON = Deadline.in(Duration.ofSeconds(40));
    private static final Deadline LATER = Deadline.in(Duration.ofSeconds(50));
    private static final Deadline LATEST = Deadline.in(Duration.ofSeconds(60));

    private final Trail trail = new Trail();
    /** What else happens while it gets out of the way. */
    private Consumer<Flight<String>> meanwhile = flight -> { };
    private volatile Flight<String>.Seat last;

    @Test
    void itsDeadlineIsTheLatestOfThoseWhoAreThere() {
        Flight<String> flight = flight(Duration.ZERO, this::untilReleased);
        Flight<String>.Seat soon = join(flight, SOON);
        assertSame(SOON, flight.deadline());
        Flight<String>.Seat latest = join(flight, LATEST);
        assertSame(LATEST, flight.deadline());
        Flight<String>.Seat later = join(flight, LATER);
        assertSame(LATEST, flight.deadline());
        latest.close();
        assertSame(LATER, flight.deadline());
        later.close();
        assertSame(SOON, flight.deadline());
        latest = join(flight, LATEST);
        soon.close();
        assertSame(LATEST, flight.deadline());
        latest.close();
        assertTrue(flight.deadline().passed() && flight.over());
    }

    @Test
    void whileItLingersItsDeadlineIsTheEndOfThat() {
        Flight<String> flight = flight(MINUTE, this::untilReleased);
        Flight<String>.Seat one = join(flight, SOON);
        Deadline before = Deadline.in(MINUTE);
        one.close();
        assertTrue(flight.deadline().compareTo(before) >= 0 && flight.deadline().compareTo(Deadline.in(MINUTE)) <= 0);
        assertTrue(!flight.over());
        Flight<String>.Seat other = join(flight, SOON);
        assertSame(SOON, flight.deadline());
        trail.add("release");
        assertEquals("result", result(other));
    }

    @Test
    void whoComesBackTimeAndAgainKeepsIt() {
        Flight<String> flight = flight(MINUTE, this::untilReleased);
        for (int i = 0; i < 100; i++) {
            join(flight, SOON).close();
        }
        trail.await("computing");
        try (Flight<String>.Seat seat = join(flight, SOON)) {
            assertTrue(!seat.first());
            trail.add("release");
            assertEquals("result", result(seat));
        }
        assertEquals(List.of("computing", "release", "landed result"), trail.events());
    }

    @Test
    void nothingIsLeftOfLingeringWhenItIsOver() {
        long before = Usage.instances(Lingering.class);
        Flight<String> flight = flight(MINUTE, this::untilReleased);
        join(flight, SOON).close();
        join(flight, SOON).close();
        trail.add("release");
        trail.await("landed result");
        Patience.until("the timer has forgotten it", () -> Usage.instances(Lingering.class) <= before);
    }

    @Test
    void whoComesWhenTheLastOneHasJustLeftIsRefusedBeforeTheComputationHearsOfIt() {
        meanwhile = flight -> assertRefused(flight, "interrupted");
        Flight<String> flight = flight(Duration.ZERO, this::untilReleased);
        last = join(flight, SOON);
        trail.await("computing");
        last.close();
        trail.await("interrupted");
        assertEquals(List.of("computing", "lost", "refused", "interrupted"), trail.events());
        awaitEnd();
    }

    @Test
    void whoComesBeforeTheLastOneLeavesKeepsIt() {
        Flight<String> flight = flight(Duration.ZERO, this::untilReleased);
        last = join(flight, SOON);
        trail.await("computing");
        Flight<String>.Seat next = join(flight, SOON);
        last.close();
        trail.add("release");
        assertEquals("result", result(next));
        assertEquals(List.of("computing", "release", "landed result"), trail.events());
    }

    /** Now and then a thread is faster than the one who leaves, but not each time. */
    @Test
    void whatIsAbandonedBeforeItsThreadHasATurnIsNotBegun() {
        AtomicInteger begun = new AtomicInteger();
        for (int i = 0; i < 1000; i++) {
            join(flight(Duration.ZERO, () -> "begun " + begun.incrementAndGet()), SOON).close();
        }
        awaitEnd();
        assertTrue(begun.get() < 1000, begun + " were begun");
    }

    @Test
    void whatTheComputationReturnsWhenTheLastOneHasLeftReachesNobody() {
        Flight<String> flight = flight(Duration.ZERO, () -> {
            trail.await("seated");
            last.close();
            trail.add("returns");
            return "too late";
        });
        last = join(flight, SOON);
        trail.add("seated");
        awaitEnd();
        assertEquals(List.of("seated", "lost", "returns"), trail.events());
        assertTrue(flight.join(SOON).isEmpty());
    }

    @Test
    void whatTheComputationThrowsWhenTheLastOneHasLeftReachesNobody() {
        Flight<String> flight = flight(Duration.ZERO, () -> {
            trail.await("seated");
            last.close();
            throw new IllegalStateException("too late");
        });
        last = join(flight, SOON);
        trail.add("seated");
        awaitEnd();
        assertEquals(List.of("seated", "lost"), trail.events());
    }

    @Test
    void theLastOneWhoLeavesWhenTheResultIsThereStopsNothing() {
        meanwhile = flight -> {
            last.close();
            trail.add("interrupted: " + Thread.currentThread().isInterrupted());
        };
        Flight<String> flight = flight(Duration.ZERO, this::untilReleased);
        last = join(flight, SOON);
        trail.await("computing");
        trail.add("release");
        awaitEnd();
        assertEquals(List.of("computing", "release", "landed result", "interrupted: false"), trail.events());
    }

    @Test
    void whoComesWhenTheResultIsThereGetsIt() {
        meanwhile = flight -> last = join(flight, LATEST);
        Flight<String> flight = flight(Duration.ZERO, this::untilReleased);
        try (Flight<String>.Seat first = join(flight, SOON)) {
            trail.add("release");
            assertEquals("result", result(first));
        }
        assertEquals("result", result(last));
        assertTrue(!last.first());
    }

    @Test
    void nobodyIsToldTheResultBeforeItIsOutOfTheWay() {
        meanwhile = flight -> {
            Patience.untilBlocked(Thread.ofVirtual().start(() -> trail.add(result(join(flight, SOON)))));
            trail.add("out of the way");
        };
        Flight<String> flight = flight(Duration.ZERO, () -> "result");
        assertEquals("result", result(join(flight, SOON)));
        trail.await("result");
        assertEquals(List.of("landed result", "out of the way", "result"), trail.events());
    }

    @Test
    void aFailureIsOutOfTheWayBeforeAnyoneIsToldOfIt() {
        meanwhile = flight -> assertRefused(flight, "told");
        Flight<String> flight = flight(Duration.ZERO, () -> {
            throw new IllegalStateException("not today");
        });
        Flight<String>.Seat seat = join(flight, SOON);
        assertEquals("not today", assertThrows(ExecutionException.class, seat::await).getCause().getMessage());
        trail.add("told");
        assertEquals(List.of("lost", "refused", "told"), trail.events());
    }

    @Test
    void whatIsThrownIsHandedOnAsItIs() {
        Throwable thrown = new CompletionException(new IllegalStateException("inside"));
        Flight<String> flight = flight(Duration.ZERO, () -> {
            throw (CompletionException) thrown;
        });
        Flight<String>.Seat seat = join(flight, SOON);
        assertSame(thrown, assertThrows(ExecutionException.class, seat::await).getCause());
    }

    /** Whatever happens where it gets out of the way, those who wait are told. */
    @Test
    void aResultThatCannotBeKeptIsAnsweredAllTheSame() {
        meanwhile = flight -> {
            throw new IllegalStateException("no room");
        };
        assertEquals("result", result(join(flight(Duration.ZERO, () -> "result"), SOON)));
    }

    private void assertRefused(Flight<String> flight, String notYet) {
        assertTrue(flight.join(LATEST).isEmpty());
        assertTrue(!trail.events().contains(notYet));
        trail.add("refused");
    }

    private Flight<String> flight(Duration linger, Callable<String> computation) {
        return new Flight<>("flight-test", linger, computation, new Flight.Ending<>() {
            @Override
            public void landed(Flight<String> flight, String value) {
                trail.add("landed " + value);
                meanwhile.accept(flight);
            }

            @Override
            public void lost(Flight<String> flight) {
                trail.add("lost");
                meanwhile.accept(flight);
            }
        });
    }

    private String untilReleased() throws InterruptedException {
        trail.add("computing");
        try {
            trail.awaitInterruptibly("release");
            return "result";
        } catch (InterruptedException e) {
            trail.add("interrupted");
            throw e;
        }
    }

    private static Flight<String>.Seat join(Flight<String> flight, Deadline deadline) {
        Optional<Flight<String>.Seat> seat = flight.join(deadline);
        return seat.orElseThrow(() -> new AssertionError("No seat"));
    }

    private static String result(Flight<String>.Seat seat) {
        try {
            return seat.await();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("No result", e);
        }
    }

    private static void awaitEnd() {
        Patience.until("the flight's threads have ended", () -> Usage.threads("flight-test") == 0);
    }
}
