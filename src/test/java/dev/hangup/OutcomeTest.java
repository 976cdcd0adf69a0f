package dev.hangup;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.BadRequestException;
import io.helidon.http.HttpException;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Every request is reported, once, as what it ended as. */
class OutcomeTest {
    private final Trail trail = new Trail();

    @Test
    void answerIsCompleted() {
        assertEnd(Outcome.COMPLETED, 200, (request, response) -> response.send("done"));
    }

    @Test
    void clientErrorIsCompleted() {
        assertEnd(Outcome.COMPLETED, 404, (request, response) -> response.status(Status.NOT_FOUND_404).send());
    }

    @Test
    void clientErrorThatIsThrownIsCompleted() {
        assertEnd(Outcome.COMPLETED, 404, throwing(new NotFoundException("none")));
    }

    @Test
    void badRequestThatHelidonAnswersPastTheRoutingIsCompleted() {
        assertEnd(Outcome.COMPLETED, 400, throwing(new BadRequestException("bad")));
    }

    @Test
    void serverErrorIsFailed() {
        assertEnd(Outcome.FAILED, 502, (request, response) -> response.status(Status.BAD_GATEWAY_502).send());
    }

    @Test
    void serverErrorThatIsThrownIsFailed() {
        assertEnd(Outcome.FAILED, 502, throwing(new HttpException("bad gateway", Status.BAD_GATEWAY_502)));
    }

    @Test
    void exceptionIsFailed() {
        assertEnd(Outcome.FAILED, 500, throwing(new IllegalStateException("broken")));
    }

    @Test
    void checkedExceptionIsFailed() {
        assertEnd(Outcome.FAILED, 500, throwing(new IOException("broken")));
    }

    @Test
    void errorIsFailed() {
        assertEnd(Outcome.FAILED, 500, throwing(new StackOverflowError("deep")));
        assertEnd(Outcome.FAILED, 500, throwing(new OutOfMemoryError("not really")));
    }

    @Test
    void exceptionThatAnErrorHandlerAnswersIsWhatItAnswers() {
        Handler handler = throwing(new IllegalStateException("broken"));
        assertEnd(Outcome.COMPLETED, 200, routing -> routing.get("/work", Hangup.cancellable(handler))
                .error(IllegalStateException.class, (request, response, e) -> response.send("fine")));
        assertEnd(Outcome.COMPLETED, 409, routing -> routing.get("/work", Hangup.cancellable(handler))
                .error(IllegalStateException.class, (request, response, e) -> response.status(Status.CONFLICT_409).send()));
        assertEnd(Outcome.FAILED, 503, routing -> routing.get("/work", Hangup.cancellable(handler))
                .error(IllegalStateException.class,
                       (request, response, e) -> response.status(Status.SERVICE_UNAVAILABLE_503).send()));
    }

    @Test
    void handlerThatSendsNothingHasFailed() {
        assertEnd(Outcome.FAILED, 500, (request, response) -> { });
    }

    @Test
    void forcedCloseIsFailedWithoutAStatus() {
        assertEnd(Outcome.FAILED, 0, throwing(new CloseConnectionException("enough")));
    }

    @Test
    void exceptionAfterTheFirstBytesIsFailedWithTheStatusThatWasSent() {
        RequestEnd end = assertEnd(Outcome.FAILED, 202, (request, response) -> {
            OutputStream stream = response.status(Status.ACCEPTED_202).outputStream();
            stream.write(new byte[10_000]);
            stream.write(new byte[10_000]);
            throw new IllegalStateException("broken");
        });
        assertEquals(Optional.of("failed"), end.errorType());
    }

    @Test
    void exceptionAfterTheAnswerIsFailed() {
        RequestEnd end = assertEnd(Outcome.FAILED, 200, (request, response) -> {
            response.send("done");
            throw new IllegalStateException("broken");
        });
        assertEquals(Optional.of("failed"), end.errorType());
    }

    @Test
    void deadlineIsDeadlineExceeded() {
        RequestEnd end = assertEnd(Outcome.DEADLINE_EXCEEDED, 503, routing -> routing
                .get("/work/{id}", Hangup.cancellable((request, response) -> {
                    TimeUnit.MILLISECONDS.sleep(50);
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                })), "/work/7");
        assertEquals("/work/{id}", end.route());
        assertEquals("GET", end.method());
        assertTrue(end.peer().matches("127\\.0\\.0\\.1:\\d+"), end.peer());
        assertTrue(end.elapsed().toMillis() >= 50, "elapsed " + end.elapsed());
        assertTrue(end.stopping().isPositive(), "stopping " + end.stopping());
    }

    @Test
    void deadlineThatPassedBeforeTheWorkBeganIsDeadlineExceeded() {
        RequestEnd end = assertEnd(Outcome.DEADLINE_EXCEEDED, 503, routing -> routing
                .get("/work", Hangup.cancellable(Duration.ofNanos(1), working())));
        assertTrue(end.stopping().toMillis() < 5_000, "stopping " + end.stopping());
    }

    @Test
    @Tag("departure")
    void departureIsDisconnected() {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable(working())));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(499, end.status());
            assertTrue(end.peer().matches("127\\.0\\.0\\.1:\\d+"), end.peer());
            server.close();
            assertEquals(0, server.endsLeft());
        }
    }

    @Test
    void nextCancellableHandlerReportsForBoth() {
        Handler leaving = Hangup.cancellable((request, response) -> response.next());
        assertEnd(Outcome.COMPLETED, 200, routing -> routing.get("/work", leaving)
                .get("/work", Hangup.cancellable(request -> "done")));
        assertEnd(Outcome.COMPLETED, 200, routing -> routing.get("/work", leaving)
                .get("/work", (request, response) -> response.send("done")));
        assertEnd(Outcome.FAILED, 500, routing -> routing.get("/work", leaving)
                .get("/work", Hangup.cancellable(throwing(new IllegalStateException("broken")))));
        assertEnd(Outcome.DEADLINE_EXCEEDED, 503, routing -> routing.get("/work", leaving)
                .get("/work", Hangup.cancellable(Duration.ofMillis(50), working())));
        assertEnd(Outcome.COMPLETED, 404, routing -> routing.get("/work", leaving));
    }

    @Test
    void rerouteIsReportedByTheRouteThatAnswers() {
        RequestEnd end = assertEnd(Outcome.COMPLETED, 200, routing -> routing
                .get("/work", Hangup.cancellable((request, response) -> response.reroute("/other")))
                .get("/other", Hangup.cancellable(request -> "done")));
        assertEquals("/other", end.route());
    }

    @Test
    void throwingListenerHarmsNobody() {
        AtomicReference<RequestEnd> told = new AtomicReference<>();
        try (TestServer server = TestServer.start(hangup -> hangup
                .addListener(end -> {
                    throw new IllegalStateException("broken");
                })
                .addListener(end -> {
                    throw new AssertionError("very broken");
                })
                .addListener(told::set), routing -> routing.get("/work", Hangup.cancellable(request -> "done")));
                RawClient client = server.connect()) {
            for (int i = 0; i < 3; i++) {
                client.get("/work");
                assertEquals("done", client.read().text());
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            }
            server.close();
            assertEquals(Outcome.COMPLETED, told.get().outcome());
        }
    }

    private Handler working() {
        return (request, response) -> trail.workUntilInterrupted();
    }

    private static Handler throwing(Throwable thrown) {
        return (request, response) -> {
            if (thrown instanceof Error error) {
                throw error;
            }
            throw (Exception) thrown;
        };
    }

    private static RequestEnd assertEnd(Outcome outcome, int status, Handler handler) {
        return assertEnd(outcome, status, routing -> routing.get("/work", Hangup.cancellable(handler)));
    }

    private static RequestEnd assertEnd(Outcome outcome, int status, Consumer<HttpRouting.Builder> routing) {
        return assertEnd(outcome, status, routing, "/work");
    }

    private static RequestEnd assertEnd(Outcome outcome, int status, Consumer<HttpRouting.Builder> routing, String path) {
        try (TestServer server = TestServer.start(routing); RawClient client = server.connect()) {
            client.get(path);
            String got = status == 0 ? new String(client.readToEnd()) : client.readHead();
            RequestEnd end = server.nextEnd();
            assertEquals(outcome, end.outcome());
            assertEquals(status, end.status());
            assertEquals(status == 0 ? "" : "HTTP/1.1 " + status, got.substring(0, Math.min(got.length(), 12)));
            server.close();
            assertEquals(0, server.endsLeft(), "ends of one request but the first");
            return end;
        }
    }
}
