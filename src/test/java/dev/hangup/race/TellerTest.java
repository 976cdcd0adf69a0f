package dev.hangup.race;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.hangup.testing.Logged;
import dev.hangup.testing.Patience;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The thread that tells listeners one thing after the other. */
class TellerTest {
    private static final int TELLING = 4;
    private static final int EACH = 20_000;

    private final Trail trail = new Trail();

    @Test
    void tellsInTheOrderInWhichItWasTold() {
        Teller teller = new Teller("teller-order");
        List<String> events = IntStream.range(0, 100).mapToObj(String::valueOf).toList();
        events.forEach(event -> teller.tell(() -> trail.add(event)));
        trail.await("99");
        assertEquals(events, trail.events());
    }

    @Test
    void whoFailsKeepsNobodyFromBeingTold() {
        try (Logged trouble = Logged.trouble(Teller.class.getName())) {
            Teller teller = new Teller("teller-failing");
            teller.tell(() -> {
                throw new AssertionError("broken");
            });
            teller.tell(() -> trail.add("told"));
            trail.await("told");
            assertEquals(List.of("Could not tell what happened to a request"), trouble.trail().events());
        }
    }

    @Test
    void itsThreadEndsWhenThereIsNothingToTellAndBeginsAnewWhenThereIs() {
        Teller teller = new Teller("teller-idle");
        teller.tell(() -> trail.add("first"));
        trail.await("first");
        Patience.until("the thread has ended", () -> !runs("teller-idle"));
        teller.tell(() -> trail.add("second"));
        trail.await("second");
    }

    @Test
    void whatComesWhenTooMuchWaitsIsDroppedAndThatIsLogged() throws InterruptedException {
        try (Logged trouble = Logged.trouble(Teller.class.getName())) {
            Teller teller = new Teller("teller-behind");
            CountDownLatch goOn = new CountDownLatch(1);
            teller.tell(() -> {
                trail.add("dawdles");
                awaitUninterruptibly(goOn);
            });
            trail.await("dawdles");
            CountDownLatch told = new CountDownLatch(Teller.WAITING);
            for (int i = 0; i < Teller.WAITING + 5; i++) {
                teller.tell(told::countDown);
            }
            assertFalse(teller.awaitTold(0));
            goOn.countDown();
            assertTrue(told.await(Patience.TIME.toMillis(), TimeUnit.MILLISECONDS), "still to be told: " + told.getCount());
            // the five, and what would have told that all was told
            trouble.trail().await("teller-behind was behind, and was not told of 6 events");
        }
    }

    @Test
    void nothingIsLostOrOutOfOrderHoweverManyTell() throws Exception {
        Teller teller = new Teller("teller-stress");
        int[] next = new int[TELLING];
        Trail wrong = new Trail();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < TELLING; i++) {
                int telling = i;
                threads.execute(() -> {
                    for (int n = 0; n < EACH; n++) {
                        int expected = n;
                        teller.tell(() -> {
                            if (next[telling]++ != expected) {
                                wrong.add(telling + " " + expected);
                            }
                        });
                        if (n % 1000 == telling) {
                            // so that the thread is met on its way to sleep, too
                            awaitTold(teller);
                        }
                    }
                });
            }
        }
        awaitTold(teller);
        assertEquals(List.of(), wrong.events());
        assertEquals(IntStream.range(0, TELLING).map(i -> EACH).boxed().toList(), IntStream.of(next).boxed().toList());
    }

    private static void awaitTold(Teller teller) {
        try {
            assertTrue(teller.awaitTold(Patience.TIME.toNanos()));
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
