package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.internal.connection.Usage;
import dev.hangup.internal.outcome.OutcomeReporter;
import dev.hangup.internal.race.CancelActions;
import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.internal.race.WorkContext;
import dev.hangup.internal.race.WorkTracker;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import io.helidon.http.Headers;
import io.helidon.http.HttpException;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What becomes of a call, and who takes part in it, when things happen at the same time. */
class SharedCallTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Deadline SOON = Deadline.in(Duration.ofSeconds(40));
    private static final Deadline LATER = Deadline.in(Duration.ofSeconds(50));
    private static final Deadline LATEST = Deadline.in(Duration.ofSeconds(60));

    private final Trail trail = new Trail();
    /** What else happens while it gets out of the way. */
    private Consumer<SharedCall<String>> meanwhile = call -> { };
    /** Why a request is cancelled. */
    private Supplier<Outcome> reason = () -> Outcome.SHUTDOWN;
    private volatile SharedCall<String>.Waiter last;

    @Test
    void itsDeadlineIsTheLatestOfThoseWhoAreThere() {
        SharedCall<String> call = call(Duration.ZERO, this::untilReleased);
        SharedCall<String>.Waiter soon = join(call, SOON);
        assertSame(SOON, call.deadline());
        SharedCall<String>.Waiter latest = join(call, LATEST);
        assertSame(LATEST, call.deadline());
        SharedCall<String>.Waiter later = join(call, LATER);
        assertSame(LATEST, call.deadline());
        latest.close();
        assertSame(LATER, call.deadline());
        later.close();
        assertSame(SOON, call.deadline());
        latest = join(call, LATEST);
        soon.close();
        assertSame(LATEST, call.deadline());
        latest.close();
        assertTrue(call.deadline().passed() && call.over());
    }

    @Test
    void isOutOfTheWayIfItsThreadCannotBeStartedAndComputesNothingEvenIfThatRuns() throws Exception {
        ScarceThreads threads = ScarceThreads.thatRunAllTheSame(1);
        SharedCall<String> call = new SharedCall<>("call-test", new KeptCalls(MINUTE, 16), this::untilReleased,
                                                   result -> trail.add("landed"), ended -> trail.add("gone"), threads);
        assertThrows(OutOfMemoryError.class, () -> call.join(SOON));
        assertEquals(List.of("gone"), trail.events());
        assertTrue(call.join(SOON).isEmpty() && call.over());
        threads.awaitGhost();
        assertEquals(List.of("gone"), trail.events());
    }

    /** If it could not be added afterwards, the computation would run without a waiter. */
    @Test
    void waiterIsAddedBeforeTheThreadIsStartedAndRemovedIfThatFails() {
        AtomicReference<SharedCall<String>> created = new AtomicReference<>();
        SharedCall<String> call = new SharedCall<>("call-test", new KeptCalls(MINUTE, 16), this::untilReleased,
                                                   result -> trail.add("landed"), ended -> trail.add("gone"), work -> {
            trail.add("waiting: " + created.get().waiting());
            throw new IllegalStateException("no thread");
        });
        created.set(call);
        assertThrows(IllegalStateException.class, () -> call.join(SOON));
        assertEquals(0, call.waiting());
        assertEquals(List.of("waiting: 1", "gone"), trail.events());
    }

    @Test
    void exceptionWhoseHeadersCannotBeReadReachesTheWaiter() {
        HttpException thrown = new HttpException("broken") {
            @Override
            public Headers headers() {
                throw new NoClassDefFoundError("app/Headers");
            }
        };
        SharedCall<String> call = call(Duration.ZERO, () -> {
            throw thrown;
        });
        SharedCall<String>.Waiter waiter = join(call, SOON);
        Thread.ofVirtual().start(() -> {
            assertSame(thrown, assertThrows(ExecutionException.class, waiter::await).getCause());
            trail.add("told");
        });
        trail.await("told");
    }

    @Test
    void computationIsInterruptedThoughTheCallCannotBeRemoved() {
        meanwhile = call -> {
            throw new IllegalStateException("keys cannot be compared");
        };
        SharedCall<String> call = call(Duration.ZERO, this::untilReleased);
        SharedCall<String>.Waiter waiter = join(call, SOON);
        trail.await("computing");
        assertThrows(IllegalStateException.class, waiter::close);
        trail.await("interrupted");
        awaitEnd();
    }

    /** As if the heap was exhausted at that moment: nothing else would end the computation. */
    @Test
    void computationIsInterruptedThoughTheReasonOfTheLastDepartureIsNotFound() {
        SharedCall<String> call = call(MINUTE, this::untilReleased);
        reason = () -> {
            throw new InternalError("Java heap space");
        };
        assertThrows(InternalError.class, () -> asRequest(() -> {
            SharedCall<String>.Waiter waiter = join(call, SOON);
            trail.await("computing");
            waiter.close();
            return null;
        }));
        trail.await("interrupted");
        assertEquals(0, call.waiting());
        awaitEnd();
    }

    @Test
    void computationIsInterruptedThoughItsTimeWithoutWaitersCannotBegin() {
        SharedCall<String> call = call(MINUTE, this::untilReleased);
        // without a deadline, the time to keep running cannot be computed
        SharedCall<String>.Waiter waiter = join(call, null);
        trail.await("computing");
        assertThrows(NullPointerException.class, waiter::close);
        trail.await("interrupted");
        awaitEnd();
    }

    @Test
    void whileItLingersItsDeadlineIsTheEndOfThatIfThatIsLaterThanTheLastOnes() {
        SharedCall<String> call = call(MINUTE, this::untilReleased);
        SharedCall<String>.Waiter one = join(call, SOON);
        Deadline before = Deadline.in(MINUTE);
        one.close();
        assertTrue(call.deadline().compareTo(before) >= 0 && call.deadline().compareTo(Deadline.in(MINUTE)) <= 0);
        assertTrue(!call.over());
        SharedCall<String>.Waiter other = join(call, SOON);
        assertSame(SOON, call.deadline());
        trail.add("release");
        assertEquals("result", result(other));
    }

    /** A call to another server must not have less time than the request that may join has. */
    @Test
    void whileItLingersItsDeadlineIsThatOfTheLastOneIfThatIsLater() {
        SharedCall<String> call = call(Duration.ofSeconds(20), this::untilReleased);
        SharedCall<String>.Waiter soon = join(call, SOON);
        join(call, LATEST).close();
        assertSame(SOON, call.deadline());
        soon.close();
        assertSame(SOON, call.deadline());
        assertTrue(!call.over());
        call.shutDown();
        assertTrue(call.deadline().passed() && call.over());
    }

    @Test
    void whoComesBackTimeAndAgainKeepsIt() {
        SharedCall<String> call = call(MINUTE, this::untilReleased);
        for (int i = 0; i < 100; i++) {
            join(call, SOON).close();
        }
        trail.await("computing");
        try (SharedCall<String>.Waiter waiter = join(call, SOON)) {
            assertTrue(!waiter.first);
            trail.add("release");
            assertEquals("result", result(waiter));
        }
        assertEquals(List.of("computing", "release", "landed result", "gone"), trail.events());
    }

    @Test
    void nothingIsLeftOfLingeringWhenItIsOver() {
        long before = Usage.instances(KeepRunning.class);
        SharedCall<String> call = call(MINUTE, this::untilReleased);
        join(call, SOON).close();
        join(call, SOON).close();
        trail.add("release");
        trail.await("gone");
        Await.until("the timer has forgotten it", () -> Usage.instances(KeepRunning.class) <= before);
    }

    @Test
    void whoComesWhenTheLastOneHasJustLeftIsRefusedBeforeTheComputationHearsOfIt() {
        meanwhile = call -> assertRefused(call, "interrupted");
        SharedCall<String> call = call(Duration.ZERO, this::untilReleased);
        last = join(call, SOON);
        trail.await("computing");
        last.close();
        trail.await("interrupted");
        assertEquals(List.of("computing", "gone", "refused", "interrupted"), trail.events());
        awaitEnd();
    }

    @Test
    void whoComesBeforeTheLastOneLeavesKeepsIt() {
        SharedCall<String> call = call(Duration.ZERO, this::untilReleased);
        last = join(call, SOON);
        trail.await("computing");
        SharedCall<String>.Waiter next = join(call, SOON);
        last.close();
        trail.add("release");
        assertEquals("result", result(next));
        assertEquals(List.of("computing", "release", "landed result", "gone"), trail.events());
    }

    /** Now and then a thread is faster than the one who leaves, but not each time. */
    @Test
    void whatIsAbandonedBeforeItsThreadHasATurnIsNotBegun() {
        AtomicInteger begun = new AtomicInteger();
        for (int i = 0; i < 1000; i++) {
            join(call(Duration.ZERO, () -> "begun " + begun.incrementAndGet()), SOON).close();
        }
        awaitEnd();
        assertTrue(begun.get() < 1000, begun + " were begun");
    }

    @Test
    void whatTheComputationReturnsWhenTheLastOneHasLeftReachesNobody() {
        SharedCall<String> call = call(Duration.ZERO, () -> {
            trail.await("seated");
            last.close();
            trail.add("returns");
            return "too late";
        });
        last = join(call, SOON);
        trail.add("seated");
        awaitEnd();
        assertEquals(List.of("seated", "gone", "returns"), trail.events());
        assertTrue(call.join(SOON).isEmpty());
    }

    @Test
    void whatTheComputationThrowsWhenTheLastOneHasLeftReachesNobody() {
        SharedCall<String> call = call(Duration.ZERO, () -> {
            trail.await("seated");
            last.close();
            throw new IllegalStateException("too late");
        });
        last = join(call, SOON);
        trail.add("seated");
        awaitEnd();
        assertEquals(List.of("seated", "gone"), trail.events());
    }

    @Test
    void theLastOneWhoLeavesWhenTheResultIsThereStopsNothing() {
        meanwhile = call -> {
            last.close();
            trail.add("interrupted: " + Thread.currentThread().isInterrupted());
        };
        SharedCall<String> call = call(Duration.ZERO, this::untilReleased);
        last = join(call, SOON);
        trail.await("computing");
        trail.add("release");
        awaitEnd();
        assertEquals(List.of("computing", "release", "landed result", "gone", "interrupted: false"), trail.events());
    }

    @Test
    void whoComesWhenTheResultIsThereGetsIt() {
        meanwhile = call -> last = join(call, LATEST);
        SharedCall<String> call = call(Duration.ZERO, this::untilReleased);
        try (SharedCall<String>.Waiter first = join(call, SOON)) {
            trail.add("release");
            assertEquals("result", result(first));
        }
        assertEquals("result", result(last));
        assertTrue(!last.first);
    }

    @Test
    void nobodyIsToldTheResultBeforeItIsOutOfTheWay() {
        meanwhile = call -> {
            Await.untilBlocked(Thread.ofVirtual().start(() -> trail.add(result(join(call, SOON)))));
            trail.add("out of the way");
        };
        SharedCall<String> call = call(Duration.ZERO, () -> "result");
        assertEquals("result", result(join(call, SOON)));
        trail.await("result");
        assertEquals(List.of("landed result", "gone", "out of the way", "result"), trail.events());
    }

    @Test
    void aFailureIsOutOfTheWayBeforeAnyoneIsReportedIt() {
        meanwhile = call -> assertRefused(call, "told");
        SharedCall<String> call = call(Duration.ZERO, () -> {
            throw new IllegalStateException("not today");
        });
        SharedCall<String>.Waiter waiter = join(call, SOON);
        assertEquals("not today", assertThrows(ExecutionException.class, waiter::await).getCause().getMessage());
        trail.add("told");
        assertEquals(List.of("gone", "refused", "told"), trail.events());
    }

    @Test
    void whatIsThrownIsHandedOnAsItIs() {
        Throwable thrown = new CompletionException(new IllegalStateException("inside"));
        SharedCall<String> call = call(Duration.ZERO, () -> {
            throw (CompletionException) thrown;
        });
        SharedCall<String>.Waiter waiter = join(call, SOON);
        assertSame(thrown, assertThrows(ExecutionException.class, waiter::await).getCause());
    }

    /** Whatever happens where it gets out of the way, those who wait are told. */
    @Test
    void aResultThatCannotBeKeptIsAnsweredAllTheSame() {
        meanwhile = call -> {
            throw new IllegalStateException("no room");
        };
        assertEquals("result", result(join(call(Duration.ZERO, () -> "result"), SOON)));
    }

    /** A request that asks would lose its response if it is cancelled at this moment. */
    @Test
    void onlyARequestThatLeavesEarlyIsAskedWhy() throws Exception {
        SharedCall<String> completed = call(Duration.ZERO, () -> "result");
        assertEquals("result", asRequest(() -> Coalescing.await(join(completed, SOON))));
        SharedCall<String> failed = call(Duration.ZERO, () -> {
            throw new IllegalStateException("not today");
        });
        assertThrows(IllegalStateException.class, () -> asRequest(() -> Coalescing.await(join(failed, SOON))));
        assertEquals(List.of("landed result", "gone", "gone"), trail.events());
        SharedCall<String> running = call(Duration.ZERO, this::untilReleased);
        asRequest(() -> {
            SharedCall<String>.Waiter waiter = join(running, SOON);
            trail.await("computing");
            waiter.close();
            return null;
        });
        trail.await("interrupted");
        assertEquals(List.of("landed result", "gone", "gone", "computing", "asked", "gone", "interrupted"), trail.events());
        assertEquals(Optional.of(Outcome.SHUTDOWN), running.cancellation().reason());
        awaitEnd();
    }

    private <T> T asRequest(Callable<T> work) throws Exception {
        Cancellation cancellation = new CancelActions(() -> {
            trail.add("asked");
            return reason.get();
        }, Duration.ZERO, thrown -> { });
        return OffThreadTask.callFor("call-test", new WorkContext() {
            @Override
            public Deadline deadline() {
                return SOON;
            }

            @Override
            public Deadline serverDeadline() {
                return SOON;
            }

            @Override
            public Cancellation cancellation() {
                return cancellation;
            }

            @Override
            public boolean over() {
                return false;
            }

            @Override
            public String name() {
                return "request";
            }

            @Override
            public void enter() {
            }

            @Override
            public void leave() {
            }

            @Override
            public void threw(Throwable thrown) {
                trail.add("threw " + thrown);
            }

            @Override
            public Optional<WorkTracker> trackerForDetachedWork() {
                return Optional.empty();
            }

            @Override
            public Optional<OutcomeReporter> reporter() {
                return Optional.empty();
            }
        }, work);
    }

    private void assertRefused(SharedCall<String> call, String notYet) {
        assertTrue(call.join(LATEST).isEmpty());
        assertTrue(!trail.events().contains(notYet));
        trail.add("refused");
    }

    private SharedCall<String> call(Duration keepRunning, Callable<String> computation) {
        return new SharedCall<>("call-test", new KeptCalls(keepRunning, 16), computation, result -> trail.add("landed " + result),
                                call -> {
                                    trail.add("gone");
                                    meanwhile.accept(call);
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

    private static SharedCall<String>.Waiter join(SharedCall<String> call, Deadline deadline) {
        Optional<SharedCall<String>.Waiter> waiter = call.join(deadline);
        return waiter.orElseThrow(() -> new AssertionError("No seat"));
    }

    private static String result(SharedCall<String>.Waiter waiter) {
        try {
            return waiter.await();
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError("No result", e);
        }
    }

    private static void awaitEnd() {
        Await.until("the call's threads have ended", () -> Usage.threads("call-test") == 0);
    }
}
