package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;

import dev.hangup.Cancellation;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Cancel actions in a JVM in which no native thread can be started for a while. */
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

    private void cancel(CancelActions actions) {
        reason = Outcome.CANCELLED;
        actions.begin();
    }

    private CancelActions actions(ScarceThreads threads, Duration actionTime) {
        return new CancelActions(() -> reason, actionTime, thrown -> trail.add("failed " + thrown), threads);
    }
}
