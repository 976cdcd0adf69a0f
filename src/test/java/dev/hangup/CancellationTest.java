package dev.hangup;

import java.io.OutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBound;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Exchange;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.Handler;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the code of a request can ask of its cancellation, and register for it. */
class CancellationTest {
    private final Trail trail = new Trail();
    private final CompletableFuture<Cancellation> cancellation = new CompletableFuture<>();

    @Test
    void neverRequestedOutsideOfARequest() throws Exception {
        Cancellation current = Cancellation.current();
        Thread.currentThread().interrupt();
        try {
            assertFalse(current.isRequested());
            assertEquals(Optional.empty(), current.reason());
            current.throwIfRequested();
            try (Cancellation.Registration registration = current.onCancel(() -> trail.add("action"))) {
                assertFalse(registration.isAbandoned());
            }
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertEquals(List.of(), trail.events());
    }

    @Test
    void isTheSameForAllThatTheRequestDoes() {
        try (TestServer server = start((request, response) -> {
            Cancellation own = Cancellation.current();
            assertSame(own, Cancellation.current());
            assertSame(own, CpuBound.create().call(Cancellation::current));
            assertFalse(own.isRequested());
            response.send("done");
        }); RawClient client = server.connect()) {
            assertEquals(200, client.get("/").read().status());
        }
    }

    @Tag("departure")
    @Test
    void loopThatAsksNothingElseStopsWhenTheClientLeaves() {
        try (TestServer server = start((request, response) -> {
            trail.add("started");
            while (!Cancellation.current().isRequested()) {
                Thread.yield();
            }
            trail.add("stopped: " + Cancellation.current().reason().orElseThrow());
            assertThrows(InterruptedException.class, Cancellation.current()::throwIfRequested);
            trail.add("thrown");
        }); RawClient client = server.connect().get("/")) {
            trail.await("started");
            client.leave();
            trail.await("thrown");
            assertEquals(List.of("started", "stopped: DISCONNECTED", "thrown"), trail.events());
        }
    }

    /** Work may see the cancellation before the thread that revokes its response. A part of a result once passed for the whole. */
    @ParameterizedTest
    @EnumSource
    void resultOfALoopThatHasStoppedHalfWayIsNotSent(Exchange.Protocol protocol) {
        AtomicInteger parts = new AtomicInteger();
        try (TestServer server = start((request, response) -> {
            Time.isUp(request, response);
            while (!Cancellation.current().isRequested()) {
                Thread.onSpinWait();
            }
            parts.incrementAndGet();
            response.send("a part");
        })) {
            for (int i = 1; i <= 100; i++) {
                try (Exchange exchange = protocol.send(server, "/")) {
                    assertEquals(503, exchange.status(), "response " + i);
                    server.nextEnd();
                    assertEquals(i, parts.get());
                }
            }
        }
    }

    @Test
    void streamOfALoopThatHasStoppedHalfWayHasNoEnd() {
        try (TestServer server = start((request, response) -> {
            try (OutputStream stream = response.outputStream()) {
                stream.write(new byte[100_000]);
                // or the response would not have begun
                stream.flush();
                Time.isUp(request, response);
                while (!Cancellation.current().isRequested()) {
                    Thread.onSpinWait();
                }
            }
        })) {
            for (int i = 0; i < 50; i++) {
                try (RawClient client = server.connect().get("/")) {
                    String got = new String(client.readToEnd());
                    assertTrue(got.startsWith("HTTP/1.1 200 "), got);
                    assertFalse(got.endsWith("0\r\n\r\n"), "response " + i);
                }
            }
        }
    }

    @Test
    void tellsOfTheDeadline() {
        try (TestServer server = start((request, response) -> {
            Time.isUp(request, response);
            Await.until("cancelled", Cancellation.current()::isRequested);
            trail.add(Cancellation.current().reason().orElseThrow().text());
            Cancellation.current().throwIfRequested();
        }); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            trail.await("deadline-exceeded");
        }
    }

    @Test
    void tellsOfTheServersStop() {
        try (TestServer server = start((request, response) -> {
            trail.add("started");
            while (!Cancellation.current().isRequested()) {
                Thread.onSpinWait();
            }
            trail.add(Cancellation.current().reason().orElseThrow().text());
        }); RawClient client = server.connect().get("/")) {
            trail.await("started");
            server.close();
            trail.await("shutdown");
        }
    }

    @Tag("departure")
    @Test
    void actionRunsWhenTheClientLeavesAndTheWorkIsInterruptedToo() {
        try (TestServer server = start((request, response) -> {
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(() -> trail.add("action"))) {
                trail.ignoreInterruptsUntil("action");
            }
            trail.add("ended");
        }); RawClient client = server.connect().get("/")) {
            trail.await("started");
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.await("ended");
            assertEquals(1, trail.events().stream().filter("action"::equals).count());
        }
    }

    @Tag("departure")
    @Test
    void actionOfAForkRuns() {
        try (TestServer server = start((request, response) -> CpuBound.create().call(() -> {
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(() -> trail.add("action"))) {
                trail.ignoreInterruptsUntil("action");
            }
            return "dropped";
        })); RawClient client = server.connect().get("/")) {
            trail.await("started");
            client.leave();
            trail.await("released");
        }
    }

    @Test
    void actionThatIsLeftOpenDoesNotRunOnceTheWorkHasEnded() {
        try (TestServer server = start((request, response) -> {
            Cancellation.current().onCancel(() -> trail.add("action"));
            cancellation.complete(Cancellation.current());
            response.send("done");
        })) {
            try (RawClient client = server.connect()) {
                assertEquals(200, client.get("/").read().status());
                server.nextEnd();
            }
            // the connection's end; and a thread that has outlived the work
            assertFalse(cancellation.join().isRequested());
            try (Cancellation.Registration late = cancellation.join().onCancel(() -> trail.add("late action"))) {
                assertFalse(late.isAbandoned());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        assertEquals(List.of(), trail.events());
    }

    @Tag("departure")
    @Test
    void nothingCanBeRegisteredOnceItIsRequested() {
        try (TestServer server = start((request, response) -> {
            trail.add("started");
            Await.until("cancelled", () -> {
                Thread.interrupted();
                return Cancellation.current().isRequested();
            });
            assertThrows(InterruptedException.class, () -> Cancellation.current().onCancel(() -> trail.add("action")));
            assertThrows(InterruptedException.class, () -> Cancellation.current().onCancelRepeating(() -> trail.add("action")));
            trail.add("refused");
        }); RawClient client = server.connect().get("/")) {
            trail.await("started");
            client.leave();
            trail.await("refused");
            server.nextEnd();
            assertEquals(List.of("started", "refused"), trail.events());
        }
    }

    @Test
    void actionMayCloseItsOwnRegistration() {
        try (TestServer server = start((request, response) -> {
            CompletableFuture<Cancellation.Registration> registration = new CompletableFuture<>();
            registration.complete(Cancellation.current().onCancel(() -> {
                registration.join().close();
                trail.add("closed by its action");
            }));
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("closed by its action");
            registration.join().close();
            trail.add(registration.join().isAbandoned() ? "abandoned" : "not abandoned");
        }); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            trail.await("not abandoned");
        }
    }

    @Test
    void repeatedActionReachesALibraryThatLosesACancelWhichComesTooEarly() {
        try (TestServer server = start((request, response) -> {
            Solver solver = new Solver();
            try (Cancellation.Registration ignored = Cancellation.current().onCancelRepeating(() -> {
                solver.stop();
                trail.add("cancel");
            })) {
                Time.isUp(request, response);
                trail.ignoreInterruptsUntil("cancel");
                trail.add(solver.solve());
            }
            trail.add("closed");
        }); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            trail.await("closed");
            server.nextEnd();
            List<String> events = trail.events();
            assertTrue(events.indexOf("cancel") < events.indexOf("released"), "none came too early: " + events);
            assertTrue(events.lastIndexOf("cancel") > events.indexOf("released"), "none came again: " + events);
            assertEquals("closed", events.getLast());
        }
    }

    @Test
    void repeatedActionThatFailsIsLoggedOnceAndGoesOn() {
        try (Logged trouble = Logged.trouble("dev.hangup"); TestServer server = start((request, response) -> {
            try (Cancellation.Registration ignored = Cancellation.current().onCancelRepeating(() -> {
                trail.add("cancel");
                throw new IOException("cannot cancel");
            })) {
                Time.isUp(request, response);
                Uninterruptible.call(() -> {
                    trail.await("cancel", 3);
                    return "released";
                });
            }
        }); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            server.nextEnd();
            assertEquals(1, trouble.entries().size(), trouble.trail().events().toString());
            assertTrue(trouble.trail().events().getFirst().startsWith("threw GET / id="), trouble.trail().events().toString());
            assertEquals("cannot cancel", trouble.entries().getFirst().getThrown().getMessage());
        }
    }

    @Tag("departure")
    @Test
    void ofASharedComputationIsRequestedWhenTheLastWaiterLeaves() {
        Coalescing<String, String> shared = Coalescing.<String, String>builder().key(request -> "key").computing(key -> {
            Cancellation own = Cancellation.current();
            try (Cancellation.Registration ignored = own.onCancel(() -> trail.add("action: " + own.reason().orElseThrow()))) {
                trail.ignoreInterruptsUntil("action: DISCONNECTED");
            }
            return "dropped";
        }).build();
        try (TestServer server = TestServer.start(routing -> routing.get("/", shared)); RawClient one = server.connect().get("/"); RawClient other = server.connect().get("/")) {
            trail.await("started");
            Await.until("both wait", () -> shared.waiting() == 2);
            one.leave();
            server.nextEnd();
            trail.add("one has left");
            other.leave();
            trail.await("released");
            List<String> events = trail.events();
            assertTrue(events.indexOf("one has left") < events.indexOf("action: DISCONNECTED"), events.toString());
        }
    }

    private static TestServer start(Handler handler) {
        return TestServer.start(routing -> routing.get("/", Hangup.cancellable(handler)));
    }

    /** As OR-Tools and SQLite do: to stop it before it has begun has no effect. */
    private static final class Solver {
        private final AtomicBoolean solving = new AtomicBoolean();
        private final Semaphore stops = new Semaphore(0);

        private void stop() {
            if (solving.get()) {
                stops.release();
            }
        }

        private String solve() {
            solving.set(true);
            try {
                stops.acquireUninterruptibly();
                return "stopped";
            } finally {
                solving.set(false);
            }
        }
    }
}
