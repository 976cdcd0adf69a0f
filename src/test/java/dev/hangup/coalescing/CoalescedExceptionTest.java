package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.Uninterruptible;
import dev.hangup.cpu.CpuBound;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.WorkFailure;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a shared computation throws when no request waits for it vanished. It is reported once, not for each waiter. */
class CoalescedExceptionTest {
    private static final IllegalStateException FAILURE = new IllegalStateException("rollback failed");

    /** What the threads of computations are called. */
    private static final String THREAD = "hangup-coalescing";

    private final Trail trail = new Trail();
    private final BlockingQueue<WorkFailure> failures = new LinkedBlockingQueue<>();
    private final Logged log = Logged.trouble("");

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    @Tag("departure")
    void ofAnAbandonedComputationIsReportedOnce() throws Exception {
        Coalescing<String, String> coalescing = coalescing(Duration.ZERO, this::failsOnceInterrupted);
        try (TestServer server = start(coalescing)) {
            List<RawClient> clients = List.of(server.connect(), server.connect(), server.connect());
            clients.forEach(client -> client.get("/work"));
            Await.until("all wait", () -> coalescing.waiting() == clients.size());
            trail.await("started");
            clients.forEach(RawClient::leave);
            clients.forEach(client -> assertEquals(List.of(), server.nextEnd().thrown()));
            assertReportedOnce(Outcome.DISCONNECTED, server);
        }
    }

    @Test
    @Tag("departure")
    void ofAComputationThatIsKeptRunningIsReportedOnce() throws Exception {
        Coalescing<String, String> coalescing = coalescing(Duration.ofMinutes(1), key -> {
            trail.add("started");
            trail.awaitInterruptibly("nobody waits");
            throw FAILURE;
        });
        try (TestServer server = start(coalescing); RawClient client = server.connect().get("/work")) {
            trail.await("started");
            client.leave();
            assertEquals(List.of(), server.nextEnd().thrown());
            trail.add("nobody waits");
            assertReportedOnce(Outcome.DISCONNECTED, server);
        }
    }

    @Test
    void thatAWaiterGetsIsItsOwn() {
        Coalescing<String, String> coalescing = coalescing(Duration.ZERO, key -> {
            throw FAILURE;
        });
        try (TestServer server = start(coalescing); RawClient client = server.connect().get("/work")) {
            assertEquals(500, client.read().status());
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.FAILED, end.outcome());
            assertEquals(List.of(), end.thrown());
            // Helidon's, as of any handler
            log.trail().await("Internal server error");
            assertEquals(List.of("Internal server error"), log.trail().events());
            assertEquals(0, failures.size());
        }
    }

    @Test
    void ofAComputationWhoseLastWaiterLeavesAsItFailsIsReportedOnce() throws Exception {
        AtomicReference<SharedCall<String>.Waiter> last = new AtomicReference<>();
        try (TestServer server = start(Hangup.cancellable((request, response) -> {
            SharedCall<String> call = new SharedCall<>(THREAD, KeptCalls.none(), () -> {
                trail.awaitInterruptibly("there is a waiter");
                throw FAILURE;
            }, result -> trail.add("completed"), ended -> {
                // it has failed, and the waiter has not been woken yet
                last.get().close();
            });
            last.set(call.join(Deadline.in(Duration.ofMinutes(1))).orElseThrow());
            trail.add("there is a waiter");
            response.send("left");
        })); RawClient client = server.connect().get("/work")) {
            assertEquals("left", client.read().text());
            assertReportedOnce(Outcome.DISCONNECTED, server);
        }
    }

    @Test
    @Tag("departure")
    void ofATaskOfAnAbandonedComputationIsReportedOnce() throws Exception {
        CpuBound cpu = CpuBound.create();
        Coalescing<String, String> coalescing = coalescing(Duration.ZERO, key -> {
            try {
                return cpu.call(() -> failsOnceInterrupted(key));
            } catch (InterruptedException e) {
                return "dropped";
            }
        });
        try (TestServer server = start(coalescing); RawClient client = server.connect().get("/work")) {
            trail.await("started");
            client.leave();
            server.nextEnd();
            assertReportedOnce(Outcome.DISCONNECTED, server);
        }
    }

    @Test
    @Tag("departure")
    void ofACancelActionOfAnAbandonedComputationIsReportedOnce() throws Exception {
        Coalescing<String, String> coalescing = coalescing(Duration.ZERO, key -> {
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(() -> {
                throw FAILURE;
            })) {
                trail.workUntilInterrupted();
            }
            return "never";
        });
        try (TestServer server = start(coalescing); RawClient client = server.connect().get("/work")) {
            trail.await("started");
            client.leave();
            server.nextEnd();
            assertReportedOnce(Outcome.DISCONNECTED, server);
        }
    }

    /** The computation has a timeout of its own, whose interrupt it survives. */
    @Test
    void ofACancelActionOfACompletedComputationIsReportedOnce() throws Exception {
        Coalescing<String, String> coalescing = coalescing(Duration.ZERO, key -> {
            Thread computing = Thread.currentThread();
            CountDownLatch cancelled = new CountDownLatch(1);
            try {
                return Uninterruptible.call(() -> {
                    cancelled.countDown();
                    throw FAILURE;
                }, () -> {
                    computing.interrupt();
                    cancelled.await();
                    return "never";
                });
            } catch (InterruptedException e) {
                return "in time";
            }
        });
        try (TestServer server = start(coalescing); RawClient client = server.connect().get("/work")) {
            assertEquals("in time", client.read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertReportedOnce(Outcome.COMPLETED, server);
        }
    }

    @Test
    @Tag("departure")
    void ofAnAbandonedComputationThatIsInterruptedIsNotReported() {
        Coalescing<String, String> coalescing = coalescing(Duration.ZERO, key -> {
            trail.workUntilInterrupted();
            return "never";
        });
        try (TestServer server = start(coalescing); RawClient client = server.connect().get("/work")) {
            trail.await("started");
            client.leave();
            server.nextEnd();
            trail.await("interrupted");
            awaitAllReports(server);
            assertEquals(0, failures.size());
            assertEquals(List.of(), log.trail().events());
        }
    }

    /** The thread of a computation reports last, and a server that stops waits until its listeners have all reports. */
    private static void awaitAllReports(TestServer server) {
        Await.until("the computation's thread has ended", () -> Usage.threads(THREAD) == 0);
        server.close();
    }

    private void assertReportedOnce(Outcome outcome, TestServer server) throws InterruptedException {
        WorkFailure failure = failures.poll(Await.TIME.toSeconds(), TimeUnit.SECONDS);
        assertNotNull(failure, "nothing was reported");
        // the computation throws it, or with it as the cause that its interrupt has
        Throwable thrown = failure.thrown() instanceof InterruptedException ? failure.thrown().getCause() : failure.thrown();
        assertSame(FAILURE, thrown);
        assertEquals(outcome, failure.outcome());
        assertEquals("/work", failure.request().route());
        awaitAllReports(server);
        assertEquals(1, log.entries().size(), log.trail().events().toString());
        assertTrue(log.trail().events().getFirst().matches("threw GET /work id=" + failure.request().id()
                                                                   + " peer=127\\.0\\.0\\.1:\\d+ outcome=" + outcome.text()));
        assertSame(failure.thrown(), log.entries().getFirst().getThrown());
        assertEquals(Level.WARNING, log.entries().getFirst().getLevel());
        assertEquals(0, failures.size(), "twice");
    }

    private String failsOnceInterrupted(String key) {
        trail.ignoreInterruptsUntil("interrupted");
        throw FAILURE;
    }

    private static Coalescing<String, String> coalescing(Duration keepRunning, CoalescedComputation<String, String> computation) {
        return Coalescing.<String, String>builder().key(request -> "key").computing(computation).keepRunning(keepRunning).build();
    }

    private TestServer start(Handler handler) {
        return TestServer.start(hangup -> hangup.addListener(new OutcomeListener() {
            @Override
            public void ended(RequestEnd end) {
            }

            @Override
            public void threw(WorkFailure failure) {
                failures.add(failure);
            }
        }), routing -> routing.get("/work", handler));
    }
}
