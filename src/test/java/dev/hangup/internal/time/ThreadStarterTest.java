package dev.hangup.internal.time;

import java.util.List;

import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

class ThreadStarterTest {
    private final Trail trail = new Trail();

    @Test
    void threadThatRunsAlthoughItsStartHasThrownDoesNoWork() throws Exception {
        ScarceThreads threads = ScarceThreads.thatRunAllTheSame(1);
        ThreadStarter starter = new ThreadStarter(threads);
        assertNull(starter.start(() -> trail.add("work"), () -> starter.start(() -> trail.add("retried"), () -> { })));
        threads.awaitGhost();
        trail.await("retried");
        assertEquals(List.of("retried"), trail.events());
    }

    /** The retry once found nothing to start, because the owner had not yet noted that it must. */
    @Test
    void retryComesAfterWhatTheFailureRestoresHoweverLongThatTakes() {
        ThreadStarter starter = new ThreadStarter(new ScarceThreads(1));
        assertNull(starter.start(() -> trail.add("work"), () -> {
            // the timer runs its actions in the order in which they are due
            Timer.after(ThreadStarter.RETRY_AFTER.plusMillis(1), () -> trail.add("the time of a retry has passed"));
            trail.await("the time of a retry has passed");
            trail.add("restored");
        }, () -> trail.add("retried")));
        trail.await("retried");
        assertEquals(List.of("the time of a retry has passed", "restored", "retried"), trail.events());
    }
}
