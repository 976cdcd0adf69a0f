package dev.hangup.internal.race;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A part of some work on a thread of its own: whatever happens, its caller waits for its end, and it is stopped once. */
class OffThreadTaskTest {
    private static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().name("part").factory();
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().name("uninterrupted").factory();

    private final Trail trail = new Trail();

    @Test
    void runsOnAThreadOfTheFactory() throws Exception {
        assertEquals("part", OffThreadTask.call("test", PLATFORM, () -> Thread.currentThread().getName(), this::stop));
    }

    @Test
    void hasTheScopedValuesAndTheContextOfItsCaller() throws Exception {
        ScopedValue<String> scoped = ScopedValue.newInstance();
        Context context = Context.create();
        context.register("the caller's");
        ScopedValue.where(scoped, "bound").run(() -> Contexts.runInContext(context, () -> assertEquals(
                "bound, the caller's",
                call(() -> scoped.get() + ", " + Contexts.context().orElseThrow().get(String.class).orElseThrow()))));
    }

    @Test
    void hasTheDeadlineOfItsRequest() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(
                request -> call(() -> "deadline: " + Deadline.current().isPresent()))));
                RawClient client = server.connect()) {
            assertEquals("deadline: true", client.get("/").read().text());
        }
    }

    @Test
    void throwsWhatThePartThrows() {
        IOException failure = new IOException("of the part");
        assertSame(failure, assertThrows(IOException.class, () -> OffThreadTask.call("test", PLATFORM, () -> {
            throw failure;
        }, this::stop)));
    }

    @Test
    void failsAsItsThreadDoesThatCannotBeMade() {
        OutOfMemoryError failure = new OutOfMemoryError("unable to create native thread");
        assertSame(failure, assertThrows(OutOfMemoryError.class, () -> OffThreadTask.call("test", task -> {
            throw failure;
        }, () -> "never", this::stop)));
    }

    @Test
    void knowsTheThreadsOfThePartsAroundIt() throws Exception {
        assertTrue(OffThreadTask.enclosingThread(PLATFORM).isEmpty());
        OffThreadTask.call("outer", PLATFORM, () -> {
            Thread outer = Thread.currentThread();
            assertSame(outer, OffThreadTask.enclosingThread(PLATFORM).orElseThrow());
            ThreadFactory virtual = Thread.ofVirtual().factory();
            OffThreadTask.call("inner", virtual, () -> {
                assertSame(outer, OffThreadTask.enclosingThread(PLATFORM).orElseThrow());
                return null;
            }, this::stop);
            assertTrue(OffThreadTask.enclosingThread(virtual).isEmpty());
            return null;
        }, this::stop);
    }

    @Test
    void isStoppedOnceAndWaitedForWhenItsCallerIsInterrupted() {
        Caller caller = new Caller(() -> {
            trail.ignoreInterruptsUntil("release");
            return "dropped";
        }, this::stop);
        trail.await("started");
        caller.thread.interrupt();
        trail.await("stop");
        caller.thread.interrupt();
        Await.untilBlocked(caller.thread);
        assertFalse(caller.result.isDone());
        trail.add("release");
        caller.awaitInterruptedException();
        assertEquals(List.of("started", "stop", "release", "released"), trail.events());
    }

    @Test
    void tellsWhatATaskThrewThatWasStopped() {
        IOException failure = new IOException("closed");
        Caller caller = new Caller(() -> {
            trail.ignoreInterruptsUntil("stop");
            throw failure;
        }, this::stop);
        trail.await("started");
        caller.thread.interrupt();
        assertSame(failure, caller.awaitInterruptedException().getCause());
    }

    @Test
    void isCancelledBeforeItBeginsIfItsCallerIsInterruptedAlready() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> OffThreadTask.call("test", PLATFORM, () -> {
            trail.add(Thread.currentThread().isInterrupted() ? "interrupted" : "not interrupted");
            return "dropped";
        }, thread -> {
            thread.interrupt();
            trail.add("stop");
        }));
        assertFalse(Thread.currentThread().isInterrupted());
        assertEquals(List.of("stop", "interrupted"), trail.events());
    }

    @Test
    void isNotStoppedWhenItHasEnded() throws Exception {
        int stopped = 0;
        int rounds = Repetitions.of(400, 2_000);
        // the time that the task takes homes in on the instant at which the interrupt arrives
        AtomicInteger spins = new AtomicInteger(1000);
        for (int round = 0; round < rounds; round++) {
            Trail ends = new Trail();
            CountDownLatch begun = new CountDownLatch(1);
            Caller caller = new Caller(() -> {
                begun.countDown();
                for (int spin = 0; spin < spins.get(); spin++) {
                    Thread.onSpinWait();
                }
                ends.add("ended");
                return "value";
            }, thread -> ends.add("stop"));
            begun.await();
            caller.thread.interrupt();
            caller.thread.join();
            // whichever was first: never told twice, and a value only for who was not interrupted in time
            assertTrue(ends.events().size() <= 2, ends.events().toString());
            assertEquals(!ends.events().contains("stop"), caller.hasValue(), ends.events().toString());
            boolean late = caller.hasValue();
            stopped += late ? 0 : 1;
            spins.set(late ? spins.get() * 9 / 8 + 1 : spins.get() * 7 / 8);
        }
        // else this test has shown one side of the race
        assertTrue(stopped > 0 && stopped < rounds, "stopped: " + stopped);
    }

    @Test
    void goesOnWhenWhatWasToStopItFails() {
        try (Logged trouble = Logged.trouble(OffThreadTask.class.getName())) {
            Caller caller = new Caller(() -> {
                trail.ignoreInterruptsUntil("release");
                return "dropped";
            }, thread -> {
                trail.add("stop");
                throw new IllegalStateException("cannot stop it");
            });
            trail.await("started");
            caller.thread.interrupt();
            trail.await("stop");
            trail.add("release");
            caller.awaitInterruptedException();
            assertEquals(List.of("The cancel action of an off-thread task failed"), trouble.trail().events());
        }
    }

    @Test
    void isStoppedWhenItsRequestIs() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            OffThreadTask.call("test", PLATFORM, () -> {
                trail.workUntilInterrupted();
                return "never";
            }, Thread::interrupt);
        }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            server.nextEnd();
            assertEquals(List.of("started", "interrupted"), trail.events());
        }
    }

    @Tag("departure")
    @Test
    void isStoppedWhenItsClientLeaves() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) ->
                OffThreadTask.call("test", PLATFORM, () -> {
                    trail.workUntilInterrupted();
                    return "never";
                }, Thread::interrupt))))) {
            RawClient client = server.connect().get("/");
            trail.await("started");
            client.leave();
            trail.await("interrupted");
        }
    }

    @Test
    void nobodyWantsWhatARequestBeginsThatIsBeingStopped() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            OffThreadTask.ensureNotCancelled();
            trail.add("wanted");
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("interrupted");
            try {
                OffThreadTask.ensureNotCancelled();
                trail.add("still wanted");
            } catch (InterruptedException e) {
                trail.add("not wanted");
            }
        }))); RawClient client = server.connect()) {
            client.get("/").read();
            server.nextEnd();
            assertEquals(List.of("wanted", "started", "interrupted", "released", "not wanted"), trail.events());
        }
    }

    @Test
    void nobodyWantsWhatAnInterruptedThreadBegins() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, OffThreadTask::ensureNotCancelled);
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void theCancellationOfUninterruptedWorkCancelsTheTaskInsideOfIt() {
        Caller caller = Caller.uninterrupted(() -> {
            try {
                return OffThreadTask.call("inner", PLATFORM, () -> {
                    trail.workUntilInterrupted();
                    return "never";
                }, Thread::interrupt);
            } catch (InterruptedException e) {
                trail.add(Thread.currentThread().isInterrupted() ? "outer interrupted" : "outer told");
                throw e;
            }
        });
        trail.await("started");
        caller.thread.interrupt();
        caller.awaitInterruptedException();
        assertEquals(List.of("started", "interrupted", "outer told"), trail.events());
    }

    /** In the outer task an interrupt cancels the inner one; around both, and in between, there is nobody to interrupt. */
    @Test
    void theCancellationReachesTasksAtAnyDepth() {
        Caller caller = Caller.uninterrupted(() -> OffThreadTask.call("second", PLATFORM,
                () -> OffThreadTask.callUninterrupted("third", VIRTUAL, CancelActions.ACTION_TIME,
                        () -> OffThreadTask.call("fourth", PLATFORM, () -> {
                            trail.workUntilInterrupted();
                            return "never";
                        }, Thread::interrupt)), Thread::interrupt));
        trail.await("started");
        caller.thread.interrupt();
        caller.awaitInterruptedException();
        assertEquals(List.of("started", "interrupted"), trail.events());
    }

    @Test
    void theCancellationReachesTasksThatForksHaveCalled() {
        Caller caller = Caller.uninterrupted(() -> {
            CountDownLatch forkEnded = new CountDownLatch(1);
            TaskScopes.load().runConcurrently("scope", VIRTUAL, () -> {
                assertThrows(InterruptedException.class, () -> OffThreadTask.call("inner", PLATFORM, () -> {
                    trail.workUntilInterrupted();
                    return "never";
                }, Thread::interrupt));
                trail.add("fork ended");
                forkEnded.countDown();
            }, () -> {
                try {
                    forkEnded.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            return "dropped";
        });
        trail.await("started");
        caller.thread.interrupt();
        caller.awaitInterruptedException();
        assertEquals(List.of("started", "interrupted", "fork ended"), trail.events());
    }

    @Test
    void anInnerTaskIsWaitedForAndItsExceptionIsTheCause() {
        IOException failure = new IOException("closed");
        Caller caller = Caller.uninterrupted(() -> OffThreadTask.call("inner", PLATFORM, () -> {
            trail.ignoreInterruptsUntil("release");
            throw failure;
        }, this::stop));
        trail.await("started");
        caller.thread.interrupt();
        trail.await("stop");
        caller.thread.interrupt();
        Await.untilBlocked(caller.thread);
        assertFalse(caller.result.isDone());
        trail.add("release");
        assertSame(failure, caller.awaitInterruptedException().getCause().getCause());
        assertEquals(List.of("started", "stop", "release", "released"), trail.events());
    }

    @Test
    void aTaskThatIsCalledAfterTheCancellationIsCancelledBeforeItBegins() {
        Caller caller = Caller.uninterrupted(() -> {
            awaitCancellation();
            assertThrows(InterruptedException.class, OffThreadTask::ensureNotCancelled);
            assertThrows(InterruptedException.class, () -> OffThreadTask.call("inner", PLATFORM, () -> {
                trail.add(Thread.currentThread().isInterrupted() ? "interrupted" : "not interrupted");
                return "dropped";
            }, Thread::interrupt));
            assertThrows(InterruptedException.class, () -> OffThreadTask.callUninterrupted(
                    "inner", VIRTUAL, CancelActions.ACTION_TIME, () -> {
                        trail.add("begun");
                        return "never";
                    }));
            return "dropped";
        });
        trail.await("started");
        caller.thread.interrupt();
        assertNull(caller.awaitInterruptedException().getCause());
        assertEquals(List.of("started", "cancelled", "interrupted"), trail.events());
    }

    @Test
    void nothingIsStoppedWhoseCallInsideUninterruptedWorkHasReturned() throws Exception {
        int stopped = 0;
        int rounds = Repetitions.of(400, 2_000);
        // the time that the inner task takes homes in on the instant at which the cancellation arrives
        AtomicInteger spins = new AtomicInteger(1000);
        for (int round = 0; round < rounds; round++) {
            Trail ends = new Trail();
            CountDownLatch begun = new CountDownLatch(1);
            Caller caller = Caller.uninterrupted(() -> {
                boolean cancelled = false;
                try {
                    OffThreadTask.call("inner", PLATFORM, () -> {
                        begun.countDown();
                        for (int spin = 0; spin < spins.get(); spin++) {
                            Thread.onSpinWait();
                        }
                        return "value";
                    }, thread -> ends.add("stop"));
                } catch (InterruptedException e) {
                    cancelled = true;
                }
                ends.add(cancelled ? "cancelled" : "returned");
                assertFalse(Thread.currentThread().isInterrupted());
                return "value";
            });
            begun.await();
            caller.thread.interrupt();
            caller.thread.join();
            List<String> events = ends.events();
            assertTrue(events.equals(List.of("returned")) || events.equals(List.of("stop", "cancelled")), events.toString());
            boolean late = events.equals(List.of("returned"));
            stopped += late ? 0 : 1;
            spins.set(late ? spins.get() * 9 / 8 + 1 : spins.get() * 7 / 8);
        }
        // else this test has shown one side of the race
        assertTrue(stopped > 0 && stopped < rounds, "stopped: " + stopped);
    }

    private void awaitCancellation() {
        trail.add("started");
        Await.until("the cancellation", () -> OffThreadTask.currentCancellation().isRequested());
        trail.add("cancelled");
    }

    private void stop(Thread thread) {
        trail.add("stop");
    }

    private <T> T call(Callable<T> work) {
        try {
            return OffThreadTask.call("test", PLATFORM, work, this::stop);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** A virtual thread that calls a part. */
    private static final class Caller {
        private final FutureTask<String> result;
        private final Thread thread;

        private Caller(Callable<String> work, Consumer<Thread> stop) {
            this(() -> OffThreadTask.call("test", PLATFORM, work, stop));
        }

        private Caller(Callable<String> call) {
            result = new FutureTask<>(call);
            thread = Thread.ofVirtual().start(result);
        }

        private static Caller uninterrupted(Callable<String> work) {
            return new Caller(() -> OffThreadTask.callUninterrupted("outer", VIRTUAL, CancelActions.ACTION_TIME, work));
        }

        private boolean hasValue() {
            return result.state() == FutureTask.State.SUCCESS;
        }

        private InterruptedException awaitInterruptedException() {
            Await.until("the caller returns", result::isDone);
            return assertInstanceOf(InterruptedException.class, result.exceptionNow());
        }
    }
}
