package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.Cancellation;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Cancel actions: repeated ones, those that are waited for, and those for which no native thread can be started for a while. */
class CancelActionsTest {
    private final Trail trail = new Trail();
    private volatile Outcome reason;

    @Test
    void actionsBeginOnceAThreadCanBeStarted() throws Exception {
        CancelActions actions = actions(new ScarceThreads(3), Duration.ofSeconds(10));
        actions.onCancel(() -> trail.add("one"));
        actions.onCancel(() -> trail.add("two"));
        cancel(actions);
        trail.await("one");
        trail.await("two");
        actions.close();
        assertEquals(2, trail.events().size(), trail.events()::toString);
    }

    @Test
    void actionRunsOnceEvenIfAThreadRunsWhoseStartHasThrown() throws Exception {
        ScarceThreads threads = ScarceThreads.thatRunAllTheSame(1);
        CancelActions actions = actions(threads, Duration.ofSeconds(10));
        actions.onCancel(() -> trail.add("action"));
        cancel(actions);
        threads.awaitGhost();
        trail.await("action");
        actions.close();
        assertEquals(List.of("action"), trail.events());
    }

    @Test
    void actionThatIsAbandonedBeforeItCouldBeginNeverBegins() throws Exception {
        ScarceThreads threads = new ScarceThreads(Integer.MAX_VALUE);
        CancelActions actions = actions(threads, Duration.ZERO);
        Cancellation.Registration abandoned = actions.onCancel(() -> trail.add("abandoned"));
        cancel(actions);
        abandoned.close();
        assertTrue(abandoned.isAbandoned());
        // its retry is due before that of the other
        CancelActions others = actions(threads, Duration.ofSeconds(10));
        reason = null;
        others.onCancel(() -> trail.add("other"));
        cancel(others);
        threads.recover();
        trail.await("other");
        assertEquals(List.of("other"), trail.events());
    }

    /** The pauses have lower bounds only: a machine may stand still. */
    @Test
    void repeatedActionPausesFromTenMillisecondsToASecondAndIsNeverConcurrentWithItself() throws Exception {
        CancelActions actions = new CancelActions(() -> reason, Duration.ofSeconds(10), thrown -> { });
        int runs = 10;
        AtomicInteger running = new AtomicInteger();
        List<Long> begun = new CopyOnWriteArrayList<>();
        List<Long> ended = new CopyOnWriteArrayList<>();
        Cancellation.Registration registration = actions.onCancelRepeating(() -> {
            begun.add(System.nanoTime());
            if (running.incrementAndGet() > 1) {
                trail.add("concurrent");
            }
            // longer than the first pauses
            TimeUnit.MILLISECONDS.sleep(30);
            running.decrementAndGet();
            ended.add(System.nanoTime());
            trail.add("run");
        });
        cancel(actions);
        trail.await("run", runs);
        registration.close();
        assertFalse(trail.events().contains("concurrent"), trail.events().toString());
        long least = 10;
        for (int i = 1; i < runs; i++) {
            long pause = TimeUnit.NANOSECONDS.toMillis(begun.get(i) - ended.get(i - 1));
            assertTrue(pause >= least, "pause " + i + " lasted " + pause + " ms");
            least = Math.min(2 * least, 1000);
        }
        // if they went on growing, the last two would last 1.28 and 2.56 seconds
        long last = TimeUnit.NANOSECONDS.toMillis(begun.get(runs - 1) - ended.get(runs - 2));
        long before = TimeUnit.NANOSECONDS.toMillis(begun.get(runs - 2) - ended.get(runs - 3));
        assertTrue(Math.min(last, before) < 1280, "the last pauses lasted " + before + " and " + last + " ms");
    }

    @Test
    void interruptDoesNotShortenTheWaitForAnActionAndStaysSet() throws Exception {
        CancelActions actions = new CancelActions(() -> reason, Duration.ofMinutes(1), thrown -> { });
        Cancellation.Registration registration = actions.onCancel(() -> {
            trail.add("begun");
            trail.await("may end");
            trail.add("ended");
        });
        cancel(actions);
        trail.await("begun");
        Thread closing = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            registration.close();
            trail.add("closed, " + (Thread.currentThread().isInterrupted() ? "interrupted" : "not interrupted"));
        });
        Await.untilBlocked(closing);
        closing.interrupt();
        Await.untilBlocked(closing);
        trail.add("may end");
        closing.join();
        assertEquals(List.of("begun", "may end", "ended", "closed, interrupted"), trail.events());
        assertFalse(registration.isAbandoned());
    }

    private void cancel(CancelActions actions) {
        reason = Outcome.CANCELLED;
        actions.begin();
    }

    private CancelActions actions(ScarceThreads threads, Duration actionTime) {
        return new CancelActions(() -> reason, actionTime, thrown -> trail.add("failed " + thrown), threads);
    }
}
