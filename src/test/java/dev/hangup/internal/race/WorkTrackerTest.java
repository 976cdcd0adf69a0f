package dev.hangup.internal.race;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

/** Which of the threads of some work is reported as its thread. */
class WorkTrackerTest {
    private final WorkTracker tracker = new WorkTracker(null, null, null);

    @Test
    void itIsThatOfTheTaskThatBeganLastAndHasNotEnded() throws Exception {
        try (Part outer = new Part(); Part first = new Part(); Part second = new Part()) {
            assertNull(tracker.thread());
            tracker.begins(Thread.currentThread());
            assertSame(Thread.currentThread(), tracker.thread());
            outer.begin();
            assertSame(outer.thread, tracker.thread());
            first.begin();
            second.begin();
            assertSame(second.thread, tracker.thread());
            first.end();
            assertSame(second.thread, tracker.thread());
            second.end();
            assertSame(outer.thread, tracker.thread());
            outer.end();
            assertSame(Thread.currentThread(), tracker.thread());
            // a thread that a pool uses again
            first.begin();
            assertSame(first.thread, tracker.thread());
            tracker.ended();
            assertNull(tracker.thread());
        }
    }

    /** A thread of a task. */
    private final class Part implements AutoCloseable {
        private final ExecutorService executor = Executors.newSingleThreadExecutor();
        private final Thread thread = executor.submit(Thread::currentThread).get();

        private Part() throws ExecutionException, InterruptedException {
        }

        void begin() throws ExecutionException, InterruptedException {
            executor.submit(tracker::enter).get();
        }

        void end() throws ExecutionException, InterruptedException {
            executor.submit(tracker::leave).get();
        }

        @Override
        public void close() {
            executor.close();
        }
    }
}
