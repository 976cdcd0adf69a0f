package dev.hangup;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.hangup.internal.race.Aside;
import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.UnresponsiveEvents;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Work that goes on when it was cancelled is told of: once, with its stack, and again when it ends. */
class UnresponsiveReportTest {
    private static final Duration AT_ONCE = Duration.ofMillis(1);
    private static final long HOUR_NANOS = TimeUnit.HOURS.toNanos(1);
    private static final ThreadFactory PLATFORM = Thread.ofPlatform().daemon().name("part").factory();

    private final Trail trail = new Trail();
    private final UnresponsiveEvents told = new UnresponsiveEvents(trail);
    @AutoClose
    private final Logged log = Logged.by("dev.hangup");

    @Test
    void isReportedAfterItsAnswerAndOnceMoreAtItsEnd() {
        try (TestServer server = start(Duration.ofSeconds(3), this::stuck); RawClient client = server.connect()) {
            assertEquals(503, client.get("/work/7").read().status());
            trail.add("answered");
            told.next();
            trail.add("release");
            UnresponsiveWork end = told.nextEnd();
            assertEquals(List.of("answered", "unresponsive", "release", "released", "unresponsive ended"), trail.events().stream()
                    .filter(event -> !event.equals("started") && !event.equals("interrupted"))
                    .toList());
            assertTrue(end.stopping().toMillis() >= 3000, end.stopping().toString());
            assertEquals(0, told.left());
        }
    }

    @Test
    void isReportedWithAllThatIsKnown() {
        try (TestServer server = start(AT_ONCE, this::stuck); RawClient client = server.connect()) {
            client.get("/work/7");
            UnresponsiveWork work = told.next();
            assertEquals(Outcome.DEADLINE_EXCEEDED, work.outcome());
            assertEquals("GET /work/{id}", work.method() + " " + work.route());
            assertTrue(work.peer().matches("127\\.0\\.0\\.1:\\d+"), work.peer());
            assertTrue(work.stopping().compareTo(AT_ONCE) >= 0, work.stopping().toString());
            assertTrue(work.thread().matches("#\\d+( hangup-work \\d+ GET /work/\\{id})?"), work.thread());
            assertEquals("1 of 16", work.onRoute() + " of " + work.maxOnRoute());
            assertStuckIn("stuck", work);
            assertEquals(Optional.empty(), work.spinsIn());
            trail.add("release");
            UnresponsiveWork end = told.nextEnd();
            assertEquals("0 of 16", end.onRoute() + " of " + end.maxOnRoute());
            assertEquals(List.of(), end.stack());
            assertEquals(work.thread(), end.thread());
        }
    }

    @Test
    void isReportedWhereATaskOfItIs() {
        try (TestServer server = start(AT_ONCE, (request, response) -> OffThreadTask.call("test", PLATFORM, () -> {
            stuckInATask(request, response);
            return "done";
        }, Thread::interrupt)); RawClient client = server.connect()) {
            client.get("/work/7");
            UnresponsiveWork work = told.next();
            assertTrue(work.thread().matches("#\\d+ part"), work.thread());
            assertStuckIn("stuckInATask", work);
            trail.add("release");
            told.nextEnd();
        }
    }

    /** The task that began last is not the one that ends first. */
    @Test
    void isReportedWhereItIsItselfAfterTasksThatOverlapped() {
        try (TestServer server = start(AT_ONCE, (request, response) -> {
            Aside.of(() -> {
                task("first begun", "second begun");
                trail.add("first ended");
                return null;
            }, () -> {
                trail.await("first begun");
                task("second begun", "first ended");
                return null;
            });
            stuck(request, response);
        }); RawClient client = server.connect()) {
            client.get("/work/7");
            UnresponsiveWork work = told.next();
            assertTrue(work.thread().matches("#\\d+( hangup-work \\d+ GET /work/\\{id})?"), work.thread());
            assertStuckIn("stuck", work);
            trail.add("release");
            told.nextEnd();
            assertTrue(server.nextEnd().decision().thread().matches("#\\d+( hangup-work .*)?"));
        }
    }

    /** A task that lasts from one event to another. */
    private void task(String begun, String until) throws Exception {
        OffThreadTask.call("test", PLATFORM, () -> {
            trail.add(begun);
            trail.await(until);
            return null;
        }, Thread::interrupt);
    }

    @Test
    void isNotReportedIfItEndsInTime() {
        try (TestServer server = start(Duration.ofSeconds(3), (request, response) -> {
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil(request.path().pathParameters().get("id"));
        }); RawClient client = server.connect(); RawClient next = server.connect()) {
            client.get("/work/interrupted").read();
            server.nextEnd();
            next.get("/work/release");
            // whose grace ends later
            told.next();
            trail.add("release");
            told.nextEnd();
            assertEquals(0, told.left());
        }
    }

    @Test
    @Tag("departure")
    void isReportedWhenItsClientHasLeft() {
        try (TestServer server = start(AT_ONCE, (request, response) -> trail.ignoreInterruptsUntil("release"))) {
            RawClient client = server.connect().get("/work/7");
            trail.await("started");
            client.leave();
            assertEquals(Outcome.DISCONNECTED, told.next().outcome());
            trail.add("release");
            told.nextEnd();
        }
    }

    @Test
    void isReportedWhenTheServerStops() {
        try (TestServer server = TestServer.start(config -> config.shutdownGracePeriod(Duration.ofMillis(200)),
                hangup -> hangup.drain(Duration.ZERO).unresponsiveAfter(AT_ONCE).addListener(told),
                routing -> routing.get("/", Hangup.cancellable((req, res) -> trail.ignoreInterruptsUntil("release"))));
                RawClient client = server.connect()) {
            client.get("/");
            trail.await("started");
            server.close();
            assertEquals(Outcome.SHUTDOWN, told.next().outcome());
            trail.add("release");
            told.nextEnd();
        }
    }

    @Test
    void isReportedAlthoughAnotherListenerFails() {
        OutcomeListener failing = new OutcomeListener() {
            @Override
            public void ended(RequestEnd end) {
            }

            @Override
            public void unresponsive(UnresponsiveWork work) {
                throw new IllegalStateException("failing");
            }
        };
        try (TestServer server = TestServer.start(hangup -> hangup.unresponsiveAfter(AT_ONCE).addListener(failing)
                .addListener(told), routing -> routing.get("/", Hangup.cancellable(this::stuck)));
                RawClient client = server.connect()) {
            client.get("/");
            told.next();
            trail.add("release");
            told.nextEnd();
            log.trail().await("A listener of outcomes failed");
        }
    }

    @Test
    void isReportedAlthoughAnotherListenerDoesNotReturn() {
        CountDownLatch never = new CountDownLatch(1);
        OutcomeListener dawdling = new OutcomeListener() {
            @Override
            public void ended(RequestEnd end) {
            }

            @Override
            public void unresponsive(UnresponsiveWork work) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        };
        try (TestServer server = TestServer.start(hangup -> hangup.unresponsiveAfter(AT_ONCE).addListener(dawdling)
                .addListener(told), routing -> routing.get("/", Hangup.cancellable(this::stuck)));
                RawClient client = server.connect()) {
            client.get("/");
            told.next();
            trail.add("release");
            told.nextEnd();
        } finally {
            never.countDown();
        }
    }

    @Test
    void isLoggedWithItsStackAndAtItsEnd() {
        try (TestServer server = start(AT_ONCE, this::deepBelow); RawClient client = server.connect()) {
            client.get("/work/7");
            told.next();
            trail.add("release");
            log.trail().awaitAny(line -> line.startsWith("unresponsive-ended"), "the end in the log");
            List<String> lines = log.trail().events().stream().filter(line -> line.startsWith("unresponsive")).toList();
            assertEquals(2, lines.size(), lines.toString());
            List<String> report = lines.getFirst().lines().toList();
            String fields = "GET /work/\\{id} peer=127.0.0.1:\\d+ outcome=deadline-exceeded stopping=\\d+\\.\\dms "
                    + "on-route=%d max=16 thread=#\\d+.*";
            assertTrue(report.getFirst().matches("unresponsive " + fields.formatted(1)), report.getFirst());
            assertEquals(52, report.size());
            assertTrue(report.get(50).matches("\tat dev\\.hangup\\.UnresponsiveReportTest\\.deepBelow\\(.*"), report.get(50));
            assertTrue(report.getLast().matches("\t\\.\\.\\. \\d+ more"), report.getLast());
            assertTrue(lines.getLast().matches("unresponsive-ended " + fields.formatted(0)), lines.getLast());
        }
    }

    /** What waits patiently until it is interrupted, and is a hot loop from then on. */
    @ParameterizedTest
    @ValueSource(strings = {"parkNanos", "select", "onSpinWait"})
    void aLoopThatTheInterruptMadeHotIsReportedWithWhatToWriteInstead(String call) throws IOException {
        AtomicBoolean released = new AtomicBoolean();
        try (Selector selector = Selector.open(); TestServer server = start(Duration.ofMillis(100), (request, response) -> {
            Time.isUp(request, response);
            // as the race does, but perhaps only when the report has been made
            Thread.currentThread().interrupt();
            while (!released.get()) {
                switch (call) {
                case "parkNanos" -> LockSupport.parkNanos(HOUR_NANOS);
                case "select" -> selector.select();
                default -> Thread.onSpinWait();
                }
            }
        }); RawClient client = server.connect()) {
            client.get("/work/7");
            UnresponsiveWork work = told.next();
            released.set(true);
            told.nextEnd();
            String where = work.spinsIn().orElse("nowhere");
            // compiled code shows the loop
            assertTrue(where.equals("LockSupport.parkNanos") || where.equals("Selector.select")
                               || where.startsWith(UnresponsiveReportTest.class.getName()), where);
            String report = log.trail().events().stream().filter(it -> it.startsWith("unresponsive ")).findFirst().orElseThrow();
            assertTrue(report.contains("spins or computes in " + where + " with its interrupt status set."), report);
            assertTrue(report.contains("Thread.sleep or a timed poll"), report);
        } finally {
            released.set(true);
        }
    }

    /** As many as there are carriers: no virtual thread runs then, and none that would notice or answer. */
    @Test
    void isReportedAlthoughItKeepsAllVirtualThreadsFromRunning() {
        int carriers = Integer.getInteger("jdk.virtualThreadScheduler.parallelism", Runtime.getRuntime().availableProcessors());
        try (TestServer server = TestServer.start(hangup -> hangup.carrierGuard(false).unresponsiveAfter(AT_ONCE)
                .addListener(told), routing -> routing.get("/work/{id}", Hangup.cancellable((request, response) -> {
            trail.add("spins");
            long end = System.nanoTime() + Await.TIME.toNanos();
            while (told.left() == 0 && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        })))) {
            // it is the timer that is tested, so the work cannot shorten its deadline itself: time enough for all to begin
            List<RawClient> clients = IntStream.range(0, carriers)
                    .mapToObj(i -> server.connect().get("/work/7", "X-Request-Timeout-Ms: 3000\r\n"))
                    .toList();
            trail.await("spins", carriers);
            Thread.ofVirtual().start(() -> trail.add("virtual threads run"));
            assertStuckIn("isReportedAlthoughItKeepsAllVirtualThreadsFromRunning", told.next());
            trail.await("virtual threads run");
            List<String> events = trail.events();
            assertTrue(events.indexOf("unresponsive") < events.indexOf("virtual threads run"), events.toString());
            clients.forEach(RawClient::close);
        }
    }

    @Test
    void canBeAskedFor() {
        try (TestServer server = start(AT_ONCE, this::stuck); RawClient client = server.connect()) {
            Hangup hangup = server.server().prototype().features().stream()
                    .filter(Hangup.class::isInstance)
                    .map(Hangup.class::cast)
                    .findFirst()
                    .orElseThrow();
            assertEquals(List.of(), hangup.unresponsive());
            client.get("/work/7");
            told.next();
            List<UnresponsiveWork> now = hangup.unresponsive();
            assertEquals(1, now.size());
            assertEquals("/work/{id}", now.getFirst().route());
            assertStuckIn("stuck", now.getFirst());
            trail.add("release");
            told.nextEnd();
            assertEquals(List.of(), hangup.unresponsive());
        }
    }

    private TestServer start(Duration grace, Handler handler) {
        return TestServer.start(hangup -> hangup.unresponsiveAfter(grace).addListener(told),
                                routing -> routing.get("/work/{id}", Hangup.cancellable(handler)));
    }

    private void stuck(ServerRequest request, ServerResponse response) throws Exception {
        Time.isUp(request, response);
        trail.ignoreInterruptsUntil("release");
    }

    private void stuckInATask(ServerRequest request, ServerResponse response) throws Exception {
        stuck(request, response);
    }

    private void deepBelow(ServerRequest request, ServerResponse response) throws Exception {
        deepBelow(request, response, 60);
    }

    private void deepBelow(ServerRequest request, ServerResponse response, int depth) throws Exception {
        if (depth == 0) {
            stuck(request, response);
        } else {
            deepBelow(request, response, depth - 1);
        }
    }

    private static void assertStuckIn(String method, UnresponsiveWork work) {
        assertTrue(work.stack().stream().anyMatch(frame -> frame.getMethodName().contains(method)), work.stack().toString());
    }
}
