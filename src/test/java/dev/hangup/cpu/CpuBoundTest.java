package dev.hangup.cpu;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;
import io.helidon.config.ConfigException;
import io.helidon.http.HttpException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Computations on platform threads: so many at a time, so many more in a queue, and none that nobody waits for. */
class CpuBoundTest {
    private final Trail trail = new Trail();
    private CpuBound cpu = CpuBound.builder().parallelism(1).build();

    @AfterEach
    void allPermitsAreBack() {
        Await.until("all permits are back", () -> cpu.running() == 0 && cpu.waiting() == 0);
    }

    @Test
    void computesOnAPlatformThreadOfItsRequest() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request -> cpu.call(
                () -> "virtual: " + Thread.currentThread().isVirtual() + ", deadline: " + Deadline.current().isPresent()))));
                RawClient client = server.connect()) {
            assertEquals("virtual: false, deadline: true", client.get("/").read().text());
        }
    }

    @Test
    void hasTheScopedValuesAndTheContextOfItsCaller() {
        ScopedValue<String> scoped = ScopedValue.newInstance();
        Context context = Context.create();
        context.register("the caller's");
        ScopedValue.where(scoped, "bound").run(() -> Contexts.runInContext(context, () -> {
            try {
                assertEquals("bound, the caller's", cpu.call(
                        () -> scoped.get() + ", " + Contexts.context().orElseThrow().get(String.class).orElseThrow()));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }));
    }

    @Test
    void aThreadDumpTellsWhatItsThreadIsFor() throws Exception {
        String name = cpu.call(() -> Thread.currentThread().getName());
        assertTrue(name.matches("hangup-cpu-\\d+"), name);
    }

    @Test
    void itsThreadDoesNotKeepTheJvmAlive() throws Exception {
        assertTrue(cpu.call(() -> Thread.currentThread().isDaemon()));
    }

    static Stream<Throwable> failures() {
        return Stream.of(new IOException("checked"), new IllegalStateException("unchecked"), new StackOverflowError("error"),
                         new InterruptedException("by nobody"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void throwsWhatTheComputationThrows(Throwable failure) {
        assertSame(failure, assertThrows(failure.getClass(), () -> cpu.call(() -> {
            switch (failure) {
            case Exception e -> throw e;
            default -> throw (Error) failure;
            }
        })));
    }

    @Test
    void failsIfThereIsNoThreadForIt() {
        cpu = new CpuBound(CpuBound.create().prototype(), task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });
        assertThrows(OutOfMemoryError.class, () -> cpu.call(() -> "never"));
    }

    @Test
    void whoComesFirstIsServedFirst() {
        try (TestServer server = TestServer.start(routing -> routing.get("/{name}", Hangup.cancellable(request -> {
            String name = request.path().pathParameters().get("name");
            return cpu.call(() -> {
                trail.add(name);
                trail.await("release");
                return name;
            });
        })));
                RawClient one = server.connect();
                RawClient two = server.connect();
                RawClient three = server.connect()) {
            one.get("/one");
            trail.await("one");
            two.get("/two");
            awaitWaiting(1);
            three.get("/three");
            awaitWaiting(2);
            assertEquals(1, cpu.running());
            trail.add("release");
            assertEquals("one", one.read().text());
            assertEquals("two", two.read().text());
            assertEquals("three", three.read().text());
            assertEquals(List.of("one", "release", "two", "three"), trail.events());
        }
    }

    @Test
    void whoFindsTheQueueFullIsRefusedAtOnce() {
        cpu = CpuBound.builder().parallelism(1).queue(1).build();
        try (TestServer server = working();
                RawClient one = server.connect();
                RawClient two = server.connect();
                RawClient three = server.connect()) {
            one.get("/");
            trail.await("started");
            two.get("/");
            awaitWaiting(1);
            RawClient.Response refused = three.get("/").read();
            assertEquals(503, refused.status());
            assertEquals("1", refused.headers().get("retry-after"));
            assertEquals(Outcome.REFUSED, server.nextEnd().outcome());
            trail.add("release");
            assertEquals("done", one.read().text());
            assertEquals("done", two.read().text());
            assertEquals(List.of("started", "release", "started"), trail.events());
        }
    }

    @Tag("departure")
    @Test
    void isInterruptedWhenItsClientLeaves() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request -> cpu.call(() -> {
            trail.add("started");
            while (!Thread.interrupted()) {
                Thread.onSpinWait();
            }
            trail.add("noticed");
            throw new InterruptedException();
        }))))) {
            RawClient client = server.connect().get("/");
            trail.await("started");
            client.leave();
            trail.await("noticed");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    @Tag("departure")
    @Test
    void isNeverBegunWhenItsClientLeavesTheQueue() {
        try (TestServer server = working(); RawClient one = server.connect()) {
            one.get("/");
            trail.await("started");
            RawClient two = server.connect().get("/");
            awaitWaiting(1);
            two.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            awaitWaiting(0);
            trail.add("release");
            assertEquals("done", one.read().text());
            assertEquals(List.of("started", "release"), trail.events());
        }
    }

    @Test
    void whatGoesOnAndWhatWaitsEndWithTheServer() {
        TestServer server = working();
        try (RawClient one = server.connect(); RawClient two = server.connect()) {
            one.get("/");
            trail.await("started");
            two.get("/");
            awaitWaiting(1);
            server.close();
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    @Test
    void isNeverBegunWhenItsDeadlinePassesInTheQueue() {
        try (TestServer server = working(); RawClient one = server.connect(); RawClient two = server.connect()) {
            one.get("/");
            trail.await("started");
            assertEquals(503, two.get("/", "X-Request-Timeout-Ms: 50\r\n").read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            trail.add("release");
            assertEquals("done", one.read().text());
            assertEquals(List.of("started", "release"), trail.events());
        }
    }

    @Test
    void isNeverBegunWhenItsTimeIsUp() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("interrupted");
            cpu.call(() -> {
                trail.add("begun");
                return "never";
            });
        }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            server.nextEnd();
            assertFalse(trail.events().contains("begun"));
        }
    }

    @Test
    void keepsItsPlaceUntilItHasEnded() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) ->
                cpu.call(() -> {
                    Time.isUp(request, response);
                    trail.ignoreInterruptsUntil("release");
                    return "late";
                })))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            trail.await("interrupted");
            assertEquals(1, cpu.running());
            trail.add("release");
            server.nextEnd();
            assertEquals(0, cpu.running());
        }
    }

    @Test
    void asManyAtATimeAsThereAreProcessors() {
        assertEquals(Runtime.getRuntime().availableProcessors(), CpuBound.create().prototype().parallelism());
    }

    @Test
    void whatIsOutOfBoundsInCodeIsRefusedByItsName() {
        String refusal = assertThrows(ConfigException.class, () -> CpuBound.builder().queue(-1).build()).getMessage();
        assertTrue(refusal.startsWith("queue must be "), refusal);
    }

    @Test
    void whoIsInterruptedInTheQueueBeginsNothing() throws Exception {
        Thread busy = calling(() -> trail.ignoreInterruptsUntil("release"));
        trail.await("started");
        Thread waiting = calling(() -> trail.add("begun"));
        awaitWaiting(1);
        waiting.interrupt();
        waiting.join();
        awaitWaiting(0);
        trail.add("release");
        busy.join();
        assertEquals(List.of("started", "java.lang.InterruptedException", "release", "released"), trail.events());
    }

    @Test
    void aRefusalOutsideOfARequestIsTheSame() throws Exception {
        cpu = CpuBound.builder().parallelism(1).queue(0).build();
        Thread busy = calling(() -> trail.ignoreInterruptsUntil("release"));
        trail.await("started");
        assertEquals(503, assertThrows(HttpException.class, () -> cpu.call(() -> "never")).status().code());
        trail.add("release");
        busy.join();
    }

    private Thread calling(Runnable computation) {
        return Thread.ofVirtual().start(() -> {
            try {
                cpu.call(Executors.callable(computation));
            } catch (Exception e) {
                trail.add(e.toString());
            }
        });
    }

    private TestServer working() {
        return TestServer.start(routing -> routing.get("/", Hangup.cancellable(request -> cpu.call(() -> {
            trail.add("started");
            trail.awaitInterruptibly("release");
            return "done";
        }))));
    }

    private void awaitWaiting(int count) {
        Await.until(count + " wait", () -> cpu.waiting() == count);
    }
}
