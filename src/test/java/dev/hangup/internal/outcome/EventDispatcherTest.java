package dev.hangup.internal.outcome;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.hangup.testing.Await;
import dev.hangup.testing.BrokenLog;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Undeclared;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The thread that tells listeners one thing after the other. */
class EventDispatcherTest {
    private static final int TELLING = 4;
    private static final int EACH = 20_000;

    private final Trail trail = new Trail();
    /** Whether no thread can be started. */
    private volatile boolean full;

    @Test
    void tellsInTheOrderInWhichItWasNotified() {
        EventDispatcher dispatcher = new EventDispatcher("dispatcher-order");
        List<String> events = IntStream.range(0, 100).mapToObj(String::valueOf).toList();
        events.forEach(event -> dispatcher.dispatch(() -> trail.add(event)));
        trail.await("99");
        assertEquals(events, trail.events());
    }

    @Test
    void whoFailsKeepsNobodyFromBeingNotified() {
        try (Logged trouble = Logged.trouble(EventDispatcher.class.getName())) {
            EventDispatcher dispatcher = new EventDispatcher("dispatcher-failing");
            dispatcher.dispatch(() -> {
                throw new AssertionError("broken");
            });
            dispatcher.dispatch(() -> trail.add("told"));
            trail.await("told");
            assertEquals(List.of("A listener could not be notified"), trouble.trail().events());
        }
    }

    @Test
    void whoFailsKeepsNobodyFromBeingNotifiedAlthoughTheLogFailsToo() {
        try (BrokenLog log = new BrokenLog(EventDispatcher.class)) {
            EventDispatcher dispatcher = new EventDispatcher("dispatcher-broken-log");
            dispatcher.dispatch(() -> {
                throw new AssertionError("broken");
            });
            log.trail().await("A listener could not be notified");
            dispatcher.dispatch(() -> trail.add("told"));
            trail.await("told");
        }
    }

    /** Some languages do not declare them. */
    @Test
    void checkedExceptionKeepsNobodyFromBeingNotified() {
        try (Logged trouble = Logged.trouble(EventDispatcher.class.getName())) {
            EventDispatcher dispatcher = new EventDispatcher("dispatcher-checked");
            dispatcher.dispatch(() -> Undeclared.raise(new IOException("broken")));
            dispatcher.dispatch(() -> trail.add("told"));
            trail.await("told");
            assertEquals(List.of("A listener could not be notified"), trouble.trail().events());
        }
    }

    /** The next event may be hours away. */
    @Test
    void eventIsDeliveredLaterIfItsThreadCannotBeStartedAtOnce() {
        EventDispatcher dispatcher = new EventDispatcher("dispatcher-again", this::startedIfThereIsRoom);
        full = true;
        dispatcher.dispatch(() -> trail.add("delivered"));
        full = false;
        trail.await("delivered");
    }

    /** The guard against frozen carriers dispatches events, and must not wait for what a log waits for. */
    @Test
    void aThreadThatCannotBeStartedIsReportedByTheOneThatIsStartedLater() {
        EventDispatcher dispatcher = new EventDispatcher("dispatcher-late", this::startedIfThereIsRoom);
        try (Logged trouble = Logged.trouble(EventDispatcher.class.getName())) {
            List<String> events = List.of("1", "2", "3");
            full = true;
            events.forEach(event -> dispatcher.dispatch(() -> trail.add(event)));
            assertEquals(List.of(), trouble.trail().events());
            full = false;
            trail.await("3");
            assertEquals(events, trail.events());
            assertEquals(List.of("The thread that notifies listeners could not be started at first"), trouble.trail().events());
        }
    }

    /** Its thread would never rest again. */
    @Test
    void interruptStatusThatAListenerSetsIsClearedForTheNext() {
        EventDispatcher dispatcher = new EventDispatcher("dispatcher-interrupted");
        dispatcher.dispatch(() -> Thread.currentThread().interrupt());
        dispatcher.dispatch(() -> trail.add("interrupted " + Thread.currentThread().isInterrupted()));
        trail.await("interrupted false");
    }

    @Test
    void itsThreadEndsWhenThereIsNothingToDeliverAndBeginsAnewWhenThereIs() {
        EventDispatcher dispatcher = new EventDispatcher("dispatcher-idle");
        dispatcher.dispatch(() -> trail.add("first"));
        trail.await("first");
        Await.until("the thread has ended", () -> !runs("dispatcher-idle"));
        dispatcher.dispatch(() -> trail.add("second"));
        trail.await("second");
    }

    @Test
    void whatComesWhenTooMuchWaitsIsDroppedAndThatIsLogged() throws InterruptedException {
        try (Logged trouble = Logged.trouble(EventDispatcher.class.getName())) {
            EventDispatcher dispatcher = new EventDispatcher("dispatcher-behind");
            CountDownLatch goOn = new CountDownLatch(1);
            dispatcher.dispatch(() -> {
                trail.add("dawdles");
                awaitUninterruptibly(goOn);
            });
            trail.await("dawdles");
            CountDownLatch delivered = new CountDownLatch(EventDispatcher.MAX_PENDING);
            for (int i = 0; i < EventDispatcher.MAX_PENDING + 5; i++) {
                dispatcher.dispatch(delivered::countDown);
            }
            assertFalse(dispatcher.awaitDelivery(0));
            goOn.countDown();
            assertTrue(delivered.await(Await.TIME.toMillis(), TimeUnit.MILLISECONDS), "still to be told: " + delivered.getCount());
            // the five, and what would have told that all was told
            trouble.trail().await("dispatcher-behind fell behind, and lost 6 events");
        }
    }

    @Test
    void nothingIsLostOrOutOfOrderHoweverManyPublish() throws Exception {
        EventDispatcher dispatcher = new EventDispatcher("dispatcher-stress");
        int[] next = new int[TELLING];
        Trail wrong = new Trail();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < TELLING; i++) {
                int telling = i;
                threads.execute(() -> {
                    for (int n = 0; n < EACH; n++) {
                        int expected = n;
                        dispatcher.dispatch(() -> {
                            if (next[telling]++ != expected) {
                                wrong.add(telling + " " + expected);
                            }
                        });
                        if (n % 1000 == telling) {
                            // so that the thread is met on its way to sleep, too
                            awaitTold(dispatcher);
                        }
                    }
                });
            }
        }
        awaitTold(dispatcher);
        assertEquals(List.of(), wrong.events());
        assertEquals(IntStream.range(0, TELLING).map(i -> EACH).boxed().toList(), IntStream.of(next).boxed().toList());
    }

    private Thread startedIfThereIsRoom(Runnable work) {
        if (full) {
            throw new OutOfMemoryError("unable to create native thread");
        }
        return Thread.ofPlatform().daemon().unstarted(work);
    }

    private static void awaitTold(EventDispatcher dispatcher) {
        try {
            assertTrue(dispatcher.awaitDelivery(Await.TIME.toNanos()));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean runs(String name) {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(thread -> thread.getName().equals(name));
    }
}
