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
}
