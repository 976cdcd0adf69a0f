package dev.hangup.internal.time;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.testing.Await;
import dev.hangup.testing.ScarceThreads;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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

    /** Two threads once did the work that is for one. */
    @Test
    void noOtherThreadIsStartedForOneWhoseUnparkThrows() {
        ThreadStarter starter = new ThreadStarter(Early::new, () -> new StartGate(LockSupport::park, thread -> {
            LockSupport.unpark(thread);
            throw new OutOfMemoryError("unable to create native thread");
        }));
        assertNotNull(starter.start(() -> trail.add("work"), () -> trail.add("retried")));
        Timer.after(ThreadStarter.RETRY_AFTER.plusMillis(1), () -> trail.add("the time of a retry has passed"));
        trail.await("the time of a retry has passed");
        assertEquals(List.of("work", "the time of a retry has passed"), trail.events());
    }

    /** A thread that waits at its gate when its start returns. */
    private static final class Early extends Thread {
        private Early(Runnable work) {
            super(work);
            setDaemon(true);
        }

        @Override
        public void start() {
            super.start();
            Await.until("it parks", () -> getState() == State.WAITING);
        }
    }
}
