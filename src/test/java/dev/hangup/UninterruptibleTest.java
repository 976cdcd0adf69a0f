package dev.hangup;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.cpu.CpuBound;
import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.outcome.Outcome;
import dev.hangup.process.Command;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Work that no interrupt reaches, and what it registers to be stopped by. */
class UninterruptibleTest {
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().factory();
    private static final Duration SHORT = Duration.ofMillis(1);

    private final Trail trail = new Trail();

    @Test
    void returnsWhatItsWorkReturns() throws Exception {
        assertEquals("value", Uninterruptible.call(() -> "value"));
        assertEquals("value", Uninterruptible.call(() -> trail.add("action"), () -> "value"));
        assertEquals(List.of(), trail.events());
    }

    @Test
    void throwsWhatItsWorkThrows() {
        IOException failure = new IOException("of the work");
        assertSame(failure, assertThrows(IOException.class, () -> Uninterruptible.call(() -> {
            throw failure;
        })));
    }

    @Test
    void runsOnAThreadOfTheKindThatIsAskedFor() throws Exception {
        assertEquals(true, Uninterruptible.call(() -> Thread.currentThread().isVirtual()));
        assertEquals(false, Uninterruptible.callOn(Thread.ofPlatform().factory(), () -> Thread.currentThread().isVirtual()));
    }

    @Test
    void theActionRunsWhileTheWorkGoesOnAndTheCallerWaitsForBoth() {
        Call call = new Call(() -> Uninterruptible.call(() -> trail.add("action"), () -> {
            trail.ignoreInterruptsUntil("release");
            return "dropped";
        }));
        trail.await("started");
        call.thread.interrupt();
        trail.await("action");
        Await.untilBlocked(call.thread);
        assertFalse(call.result.isDone());
        trail.add("release");
        call.awaitInterruptedException();
        assertEquals(List.of("started", "action", "release", "released"), trail.events());
    }

    @Test
    void tellsWhatTheWorkThrewThatWasStopped() {
        IOException failure = new IOException("cancelled");
        Call call = new Call(() -> Uninterruptible.call(() -> trail.add("action"), () -> {
            trail.ignoreInterruptsUntil("action");
            throw failure;
        }));
        trail.await("started");
        call.thread.interrupt();
        assertSame(failure, call.awaitInterruptedException().getCause());
    }

    @Test
    void nothingIsRunForAStopThatComesFirst() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> Uninterruptible.call(() -> trail.add("action"), () -> {
            trail.add("work");
            return "never";
        }));
        assertEquals(List.of(), trail.events());
    }

    @Test
    void nothingCanBeRegisteredAfterTheStop() {
        Call call = new Call(() -> Uninterruptible.call(() -> {
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(() -> trail.add("first"))) {
                trail.ignoreInterruptsUntil("first");
            }
            assertTrue(Cancellation.current().isRequested());
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(() -> trail.add("second"))) {
                trail.add("registered");
            }
            return "never";
        }));
        trail.await("started");
        call.thread.interrupt();
        assertInstanceOf(InterruptedException.class, call.awaitInterruptedException().getCause());
        assertEquals(List.of("started", "first", "released"), trail.events());
    }

    @Test
    void anActionIsNotRunOnceItsRegistrationIsClosed() {
        Call call = new Call(() -> Uninterruptible.call(() -> {
            Cancellation.current().onCancel(() -> trail.add("closed")).close();
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(() -> trail.add("open"))) {
                trail.ignoreInterruptsUntil("open");
            }
            return "dropped";
        }));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        assertEquals(List.of("started", "open", "released"), trail.events());
    }

    @Test
    void theEndOfARegistrationWaitsForAnActionThatHasBegun() {
        Call call = new Call(() -> Uninterruptible.call(() -> {
            Cancellation.Registration registration = Cancellation.current().onCancel(() -> {
                trail.add("action begins");
                trail.await("closing");
                trail.add("action ends");
            });
            trail.ignoreInterruptsUntil("action begins");
            trail.add("closing");
            registration.close();
            trail.add(registration.isAbandoned() ? "abandoned" : "closed");
            return "dropped";
        }));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        assertEquals(List.of("started", "action begins", "released", "closing", "action ends", "closed"), trail.events());
    }

    @Test
    void whatIsLeftOpenIsClosedAtTheEndOfTheWork() {
        Call call = new Call(() -> Uninterruptible.call(() -> {
            Cancellation.current().onCancel(() -> {
                trail.add("action begins");
                trail.await("released");
                trail.add("action ends");
            });
            trail.ignoreInterruptsUntil("action begins");
            return "dropped";
        }));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        assertEquals(List.of("started", "action begins", "released", "action ends"), trail.events());
    }

    @Test
    void anActionThatHangsIsInterruptedAndAbandoned() {
        Call call = new Call(() -> OffThreadTask.callUninterrupted("test", VIRTUAL, SHORT, () -> {
            Cancellation.Registration registration = Cancellation.current().onCancel(() -> {
                trail.add("action hangs");
                try {
                    TimeUnit.MINUTES.sleep(1);
                } catch (InterruptedException e) {
                    trail.add("action interrupted");
                }
            });
            trail.ignoreInterruptsUntil("action hangs");
            registration.close();
            trail.await("action interrupted");
            trail.add(registration.isAbandoned() ? "abandoned" : "closed");
            return "dropped";
        }));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        assertEquals(List.of("started", "action hangs", "released", "action interrupted", "abandoned"), trail.events());
    }

    @Test
    void anActionThatHangsHoldsUpNoOther() {
        Call call = new Call(() -> Uninterruptible.call(() -> {
            Cancellation.current().onCancel(() -> trail.await("other"));
            Cancellation.current().onCancel(() -> trail.add("other"));
            Cancellation.current().onCancel(() -> trail.await("other"));
            trail.ignoreInterruptsUntil("other");
            return "dropped";
        }));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
    }

    @Test
    void anActionThatFailsIsOneLineInTheLog() {
        try (Logged trouble = Logged.trouble("dev.hangup")) {
            Call call = new Call(() -> Uninterruptible.call(() -> {
                Cancellation.current().onCancel(() -> {
                    trail.add("failing");
                    throw new IOException("cannot cancel");
                });
                Cancellation.current().onCancel(() -> trail.add("other"));
                trail.ignoreInterruptsUntil("other");
                trail.await("failing");
                return "dropped";
            }));
            trail.await("started");
            call.thread.interrupt();
            call.awaitInterruptedException();
            assertEquals(List.of("A cancel action failed"), trouble.trail().events());
            assertEquals("cannot cancel", trouble.entries().getFirst().getThrown().getMessage());
        }
    }

    @Test
    void anActionRunsOnceAtMostAndNeverAfterItsRegistrationWasClosed() throws Exception {
        int rounds = Repetitions.of(400, 2_000);
        int ran = 0;
        // the time for which the registration is open homes in on the instant at which the stop arrives
        AtomicInteger spins = new AtomicInteger(1000);
        for (int round = 0; round < rounds; round++) {
            AtomicInteger runs = new AtomicInteger();
            AtomicInteger late = new AtomicInteger();
            CountDownLatch registered = new CountDownLatch(1);
            Call call = new Call(() -> Uninterruptible.call(() -> {
                try (Cancellation.Registration registration = Cancellation.current().onCancel(runs::incrementAndGet)) {
                    registered.countDown();
                    for (int spin = 0; spin < spins.get(); spin++) {
                        Thread.onSpinWait();
                    }
                }
                int before = runs.get();
                Thread.yield();
                late.addAndGet(runs.get() - before);
                return "value";
            }));
            registered.await();
            call.thread.interrupt();
            call.thread.join();
            assertTrue(runs.get() <= 1, "runs: " + runs);
            assertEquals(0, late.get());
            ran += runs.get();
            spins.set(runs.get() == 0 ? spins.get() * 9 / 8 + 1 : spins.get() * 7 / 8);
        }
        // else this test has shown one side of the race
        assertTrue(ran > 0 && ran < rounds, "ran: " + ran);
    }

    @Test
    void theActionRunsWhenTheTimeIsUp() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            Uninterruptible.call(() -> trail.add("action"), () -> {
                Time.isUp(request, response);
                trail.ignoreInterruptsUntil("action");
                return "dropped";
            });
        }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            server.nextEnd();
            List<String> events = trail.events();
            assertEquals(Set.of("started", "action", "released"), Set.copyOf(events));
            assertEquals("released", events.getLast());
        }
    }

    @Test
    void theClientIsAnsweredInTimeWhateverTheActionDoes() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            Uninterruptible.call(() -> trail.await("answered"), () -> {
                Time.isUp(request, response);
                trail.ignoreInterruptsUntil("answered");
                return "dropped";
            });
        }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            trail.add("answered");
            server.nextEnd();
        }
    }

    @Test
    void theActionOfANestedCallRunsWhenTheOuterCallIsStopped() {
        Call call = new Call(() -> Uninterruptible.call(() -> trail.add("outer action"), () -> Uninterruptible.call(() -> {
            trail.await("outer action");
            trail.add("action");
        }, () -> {
            trail.ignoreInterruptsUntil("action");
            trail.add(Cancellation.current().isRequested() ? "requested" : "not requested");
            return "dropped";
        })));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        assertEquals(List.of("started", "outer action", "action", "released", "requested"), trail.events());
    }

    @Test
    void aNestedCallKnowsWhyTheRequestWasCancelled() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            Uninterruptible.call(() -> Uninterruptible.call(() -> trail.add("action"), () -> {
                Time.isUp(request, response);
                trail.ignoreInterruptsUntil("action");
                trail.add(Cancellation.current().reason().orElseThrow().text());
                return "dropped";
            }));
        }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            server.nextEnd();
            List<String> events = trail.events();
            // the deadline passes before the work has begun to wait
            assertEquals(Set.of("started", "action"), Set.copyOf(events.subList(0, 2)));
            assertEquals(List.of("released", Outcome.DEADLINE_EXCEEDED.text()), events.subList(2, events.size()));
        }
    }

    @Test
    void aCommandEndsWhenTheWorkAroundItIsStopped() {
        Call call = new Call(() -> Uninterruptible.call(() -> "code " + Command.of("sleep", "61.25").run().exitCode()));
        Await.untilBegun("the command runs", () -> processes("sleep 61.25") > 0);
        long start = System.nanoTime();
        call.thread.interrupt();
        call.awaitInterruptedException();
        assertEquals(0, processes("sleep 61.25"));
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(15).toNanos());
    }

    @Test
    void aComputationIsInterruptedWhenTheWorkAroundItIsStopped() {
        CpuBound cpu = CpuBound.create();
        Call call = new Call(() -> Uninterruptible.call(() -> cpu.call(() -> {
            trail.workUntilInterrupted();
            return "never";
        })));
        trail.await("started");
        call.thread.interrupt();
        call.awaitInterruptedException();
        assertEquals(List.of("started", "interrupted"), trail.events());
    }

    private static long processes(String line) {
        return ProcessHandle.current().descendants().filter(it -> it.info().commandLine().orElse("").endsWith(line)).count();
    }

    @Tag("departure")
    @Test
    void theActionRunsWhenTheClientLeaves() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request ->
                Uninterruptible.call(() -> trail.add("action"), () -> {
                    trail.ignoreInterruptsUntil("action");
                    return "dropped";
                }))))) {
            RawClient client = server.connect().get("/");
            trail.await("started");
            client.leave();
            trail.await("released");
            assertEquals(List.of("started", "action", "released"), trail.events());
        }
    }

    /** A virtual thread that calls. */
    private static final class Call {
        private final FutureTask<String> result;
        private final Thread thread;

        private Call(Callable<String> work) {
            result = new FutureTask<>(work);
            thread = Thread.ofVirtual().start(result);
        }

        private InterruptedException awaitInterruptedException() {
            Await.until("the caller returns", result::isDone);
            return assertInstanceOf(InterruptedException.class, result.exceptionNow());
        }
    }
}
