package dev.hangup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.LogRecord;

import dev.hangup.cpu.CpuBound;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.WorkFailure;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.NotFoundException;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What work throws of its own after it was cancelled reaches no error handler, and vanished. It is reported once, with its stack;
 * what the cancellation itself causes is not.
 */
class LateExceptionTest {
    private final Trail trail = new Trail();

    /** Why the work is cancelled. */
    enum Cause {
        DISCONNECTED, DEADLINE_EXCEEDED, SHUTDOWN, CANCELLED;

        private Outcome outcome() {
            return Outcome.valueOf(name());
        }
    }

    /** What makes the handler cancellable. */
    enum Mount {
        HANDLER, PATHS
    }

    @ParameterizedTest
    @EnumSource
    void rollbackThatFailsIsReportedWhateverCancelledTheWork(Cause cause) {
        IllegalStateException failure = new IllegalStateException("rollback failed");
        RequestEnd end = assertReported(cause, Mount.HANDLER, failure, Level.WARNING, failing(failure));
        assertEquals(cause.outcome(), end.outcome());
    }

    @ParameterizedTest
    @EnumSource
    void rollbackThatFailsInACoveredPathIsReported(Cause cause) {
        IllegalStateException failure = new IllegalStateException("rollback failed");
        assertReported(cause, Mount.PATHS, failure, Level.WARNING, failing(failure));
    }

    @Test
    @Tag("departure")
    void checkedExceptionInACoveredPathIsReported() {
        IOException failure = new IOException("disk full");
        assertReported(Cause.DISCONNECTED, Mount.PATHS, failure, Level.WARNING, failing(failure));
    }

    @Test
    @Tag("departure")
    void exceptionOfAFilterInACoveredPathIsReported() {
        IllegalStateException failure = new IllegalStateException("filter failed");
        try (Reports reports = new Reports(); TestServer server = TestServer.start(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()).addListener(reports),
                routing -> routing.addFilter((chain, request, response) -> {
                    chain.proceed();
                    throw failure;
                }).get("/work", (request, response) -> trail.workUntilInterrupted()));
                RawClient client = server.connect().get("/work")) {
            trail.await("started");
            client.leave();
            reports.assertInTheEnd(server.nextEnd(), failure, Level.WARNING);
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void errorIsReportedAsOne(Mount mount) {
        OutOfMemoryError failure = new OutOfMemoryError("not really");
        assertReported(Cause.DISCONNECTED, mount, failure, Level.SEVERE, failing(failure));
    }

    @Test
    @Tag("departure")
    void errorIsReportedThoughTheCancellationHasCausedIt() {
        AssertionError failure = new AssertionError(new InterruptedException());
        assertReported(Cause.DISCONNECTED, Mount.HANDLER, failure, Level.SEVERE, failing(failure));
    }

    @Test
    @Tag("departure")
    void errorWithinAnExceptionIsReportedAsOne() {
        ExecutionException failure = new ExecutionException(new StackOverflowError("not really"));
        assertReported(Cause.DISCONNECTED, Mount.HANDLER, failure, Level.SEVERE, failing(failure));
    }

    @Test
    @Tag("departure")
    void nullPointerBehindAnInterruptThatWasSwallowedIsReported() {
        NullPointerException failure = new NullPointerException("of its own");
        assertReported(Cause.DISCONNECTED, Mount.HANDLER, failure, Level.WARNING, (request, response) -> {
            trail.ignoreInterruptsUntil("interrupted");
            throw failure;
        });
    }

    @Test
    @Tag("departure")
    void exceptionAmidTheResponseIsReported() {
        IllegalStateException failure = new IllegalStateException("rollback failed");
        assertReported(Cause.DISCONNECTED, Mount.HANDLER, failure, Level.WARNING, (request, response) -> {
            response.outputStream().write(new byte[100_000]);
            failing(failure).handle(request, response);
        });
    }

    @Test
    @Tag("departure")
    void exceptionOverHttp2IsReported() {
        IllegalStateException failure = new IllegalStateException("rollback failed");
        try (Reports reports = new Reports();
                TestServer server = TestServer.start(hangup -> hangup.addListener(reports),
                                                     routing -> routing.get("/work", Hangup.cancellable(failing(failure))));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int stream = client.get("/work");
            trail.await("started");
            client.send(Http2Client.reset(stream));
            reports.assertInTheEnd(server.nextEnd(), failure, Level.WARNING);
        }
    }

    /** A handler that reads a body gets an exception of Helidon's, with status 500, when its client resets the stream. */
    @Test
    @Tag("departure")
    void uploadOverHttp2ThatIsResetIsNoFailure() {
        try (TestServer server = TestServer.start(routing -> routing.post("/work", Hangup.cancellable((request, response) -> {
            trail.add("started");
            request.content().as(byte[].class);
        })));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int stream = client.post("/work");
            client.send(Http2Client.data(stream, new byte[100], false));
            trail.await("started");
            client.send(Http2Client.reset(stream));
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(List.of(), end.thrown());
        }
    }

    @Test
    @Tag("departure")
    void exceptionThatTheWorkThrowsWhileItsClientLeavesIsReported() {
        IllegalStateException failure = new IllegalStateException("of its own");
        // thrown when the departure is known, and before the interrupt or after it
        assertReported(Cause.DISCONNECTED, Mount.HANDLER, failure, Level.WARNING, (request, response) -> {
            trail.add("started");
            Cancellation cancellation = Cancellation.current();
            Await.until("it is cancelled", cancellation::isRequested);
            throw failure;
        });
    }

    @Test
    @Tag("departure")
    void exceptionOfACpuBoundComputationIsReported() {
        IllegalStateException failure = new IllegalStateException("of the computation");
        CpuBound cpu = CpuBound.create();
        Reports reports = assertReportedCause(failure, (request, response) -> cpu.call(() -> {
            failing(failure).handle(request, response);
            return "never";
        }));
        assertEquals(1, reports.entries().size());
    }

    @Test
    @Tag("departure")
    void exceptionOfATaskIsReportedThoughItsCallerDropsTheInterrupt() {
        IllegalStateException failure = new IllegalStateException("of the computation");
        CpuBound cpu = CpuBound.create();
        assertReported(Cause.DISCONNECTED, Mount.HANDLER, failure, Level.WARNING, (request, response) -> {
            try {
                cpu.call(() -> {
                    failing(failure).handle(request, response);
                    return "never";
                });
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    @Tag("departure")
    void exceptionOfUninterruptibleWorkIsReported() {
        IllegalStateException failure = new IllegalStateException("of the library");
        assertReportedCause(failure, (request, response) -> Uninterruptible.call(() -> trail.add("cancelled"), () -> {
            trail.add("started");
            trail.await("cancelled");
            throw failure;
        }));
    }

    @Test
    @Tag("departure")
    void exceptionOfACancelActionIsReported() {
        IllegalStateException failure = new IllegalStateException("cannot cancel");
        assertReported(Cause.DISCONNECTED, Mount.HANDLER, failure, Level.WARNING, (request, response) -> {
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(() -> {
                throw failure;
            })) {
                trail.workUntilInterrupted();
            }
        });
    }

    @Test
    void exceptionThatIsThrownAsItsTimeIsUpIsReported() {
        IllegalStateException failure = new IllegalStateException("of its own");
        try (Reports reports = new Reports(); TestServer server = TestServer.start(
                hangup -> hangup.addListener(reports),
                routing -> routing.get("/work", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    throw failure;
                }))); RawClient client = server.connect().get("/work")) {
            assertEquals(503, client.read().status());
            reports.assertInTheEnd(server.nextEnd(), failure, Level.WARNING);
        }
    }

    @Test
    void exceptionOfWorkThatWonIsHelidonsAlone() {
        try (Reports reports = new Reports();
                Logged helidon = Logged.trouble("io.helidon");
                TestServer server = TestServer.start(
                        hangup -> hangup.addListener(reports),
                        routing -> routing.get("/work", Hangup.cancellable((request, response) -> {
                            throw new IllegalStateException("of its own");
                        }))); RawClient client = server.connect().get("/work")) {
            assertEquals(500, client.read().status());
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.FAILED, end.outcome());
            assertEquals(List.of(), end.thrown());
            Await.until("Helidon has logged it", () -> !helidon.entries().isEmpty());
            assertEquals(1, helidon.entries().size());
            reports.log.trail().await("Internal server error");
            // all that there is, and Hangup has ended the request before
            assertEquals(1, reports.entries().size(), reports.log.trail().events().toString());
        }
    }

    static List<Throwable> expected() {
        Throwable closed = new ClosedByInterruptException();
        InterruptedException interrupted = new InterruptedException();
        IOException whileClosing = new IOException("cannot flush", new SocketException("Socket closed"));
        Exception closing = new SocketException("Closed by interrupt");
        closing.addSuppressed(whileClosing);
        return List.of(interrupted, closed, closing, new CancellationException(), new ExecutionException(interrupted),
                       new UncheckedIOException(new IOException(closed)), new IllegalStateException(new RuntimeException(closing)),
                       new SQLException("cancelled", "57014"), new NotFoundException("nobody asks any more"));
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource
    void expected(Throwable thrown) {
        try (Reports reports = new Reports()) {
            assertEquals(List.of(), end(Cause.DISCONNECTED, Mount.HANDLER, failing(thrown), reports).thrown());
            assertEquals(List.of(), end(Cause.DEADLINE_EXCEEDED, Mount.PATHS, failing(thrown), reports).thrown());
            assertEquals(List.of(), reports.entries());
        }
    }

    static List<Throwable> ownInSpiteOfTheirCauses() {
        Exception suppressing = new InterruptedException();
        suppressing.addSuppressed(new IllegalStateException("cannot close"));
        Exception endless = new RuntimeException();
        endless.initCause(new RuntimeException(endless));
        Throwable deep = new InterruptedException();
        for (int i = 0; i < 100_000; i++) {
            deep = new RuntimeException("deep", deep);
        }
        Exception broken = new RuntimeException("broken") {
            @Override
            public synchronized Throwable getCause() {
                throw new IllegalStateException("no cause");
            }
        };
        Exception unlinked = new RuntimeException("unlinked") {
            @Override
            public synchronized Throwable getCause() {
                throw new NoClassDefFoundError("app/Cause");
            }
        };
        return List.of(new InterruptedException().initCause(new IllegalStateException("of a task")), suppressing, endless, deep,
                       broken, bottomless(), unlinked, new SocketTimeoutException("slow"), new SocketException("Broken pipe"),
                       new SQLException("no such table", "42P01"), new UncheckedIOException(new IOException("disk full")));
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource
    void ownInSpiteOfTheirCauses(Throwable thrown) {
        try (Reports reports = new Reports()) {
            RequestEnd end = end(Cause.DISCONNECTED, Mount.HANDLER, failing(thrown), reports);
            assertEquals(1, end.thrown().size());
            assertSame(thrown, end.thrown().getFirst());
            Await.until("it is in the log", () -> !reports.entries().isEmpty());
            assertTrue(reports.entries().getLast().getMessage().startsWith("threw GET /work id=" + end.id() + " peer="));
        }
    }

    /** The end once was never published, as the search for causes threw; the request then stayed in flight. */
    @Test
    @Tag("departure")
    void exceptionOfATaskWhoseCausesCannotBeReadKeepsNoRequestInFlight() {
        Exception failure = bottomless();
        CpuBound cpu = CpuBound.create();
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable((request, response) ->
                cpu.call(() -> {
                    failing(failure).handle(request, response);
                    return "never";
                }))));
                RawClient client = server.connect().get("/work")) {
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(1, end.thrown().size());
            assertSame(failure, end.thrown().getFirst().getCause());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    private static Exception bottomless() {
        return new RuntimeException("bottomless") {
            @Override
            public synchronized Throwable getCause() {
                return getCause();
            }
        };
    }

    private RequestEnd assertReported(Cause cause, Mount mount, Throwable failure, Level level, Handler handler) {
        try (Reports reports = new Reports()) {
            RequestEnd end = end(cause, mount, handler, reports);
            reports.assertInTheEnd(end, failure, level);
            return end;
        }
    }

    /** Reported within the exception that its caller got. */
    private Reports assertReportedCause(Throwable failure, Handler handler) {
        try (Reports reports = new Reports()) {
            RequestEnd end = end(Cause.DISCONNECTED, Mount.HANDLER, handler, reports);
            assertEquals(1, end.thrown().size());
            assertSame(failure, end.thrown().getFirst().getCause());
            reports.assertInTheEnd(end, end.thrown().getFirst(), Level.WARNING);
            return reports;
        }
    }

    private RequestEnd end(Cause cause, Mount mount, Handler handler, OutcomeListener listener) {
        Trail before = trail;
        Handler timed = cause != Cause.DEADLINE_EXCEEDED ? handler : (request, response) -> {
            Time.isUp(request, response);
            handler.handle(request, response);
        };
        Consumer<HangupConfig.Builder> paths = mount == Mount.PATHS
                ? hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build())
                : hangup -> { };
        try (TestServer server = TestServer.start(
                config -> config.shutdownGracePeriod(Duration.ofSeconds(10)),
                hangup -> {
                    hangup.drain(Duration.ofMillis(1)).addListener(listener);
                    paths.accept(hangup);
                },
                routing -> routing.get("/work", mount == Mount.PATHS ? timed : Hangup.cancellable(timed)));
                RawClient client = server.connect()) {
            long started = before.events().stream().filter("started"::equals).count();
            client.get("/work");
            before.await("started", (int) started + 1);
            switch (cause) {
            case DISCONNECTED -> client.leave();
            case DEADLINE_EXCEEDED -> { }
            case SHUTDOWN -> CompletableFuture.runAsync(server::close);
            case CANCELLED -> {
                Await.until("it is in flight", () -> !server.hangup().inFlight().isEmpty());
                server.hangup().cancel(server.hangup().inFlight().getFirst().request().id());
            }
            }
            return server.nextEnd();
        }
    }

    private Handler failing(Throwable failure) {
        return (request, response) -> {
            try {
                trail.workUntilInterrupted();
            } catch (InterruptedException e) {
                switch (failure) {
                case Error error -> throw error;
                case Exception exception -> throw exception;
                default -> throw new AssertionError(failure);
                }
            }
        };
    }

    /** What is reported: in the log, and to a listener. */
    private static final class Reports implements OutcomeListener, AutoCloseable {
        private final Logged log = Logged.trouble("");
        private final Trail failures = new Trail();

        private List<LogRecord> entries() {
            return log.entries();
        }

        private void assertInTheEnd(RequestEnd end, Throwable failure, Level level) {
            assertEquals(List.of(failure), end.thrown());
            Await.until("it is in the log", () -> !entries().isEmpty());
            assertEquals(1, entries().size(), log.trail().events().toString());
            LogRecord entry = entries().getFirst();
            assertSame(failure, entry.getThrown());
            assertEquals(level, entry.getLevel());
            assertTrue(entry.getMessage().matches("threw GET /work id=" + end.id() + " peer=127\\.0\\.0\\.1:\\d+ outcome="
                                                          + end.outcome().text()), entry.getMessage());
            assertEquals(List.of(), failures.events());
        }

        @Override
        public void ended(RequestEnd end) {
        }

        @Override
        public void threw(WorkFailure failure) {
            failures.add(failure.toString());
        }

        @Override
        public void close() {
            log.close();
        }
    }
}
