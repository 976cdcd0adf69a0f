package dev.hangup;

import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What becomes of a request's permit of Helidon's concurrency limit. */
class PermitTest {
    private final Trail trail = new Trail();

    @Test
    void completedIsASuccess() {
        try (TestServer server = limited(Hangup.cancellable(request -> "done")); RawClient client = server.connect()) {
            client.get("/work");
            client.read();
            client.get("/work");
            client.read();
            trail.await("success", 2);
            server.close();
            assertEquals(List.of("acquired", "success", "acquired", "success"), trail.events());
        }
    }

    @Test
    void failureThatWasAnsweredIsASuccessAsWithoutHangup() {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> {
            throw new IllegalStateException("broken");
        })); RawClient client = server.connect()) {
            client.get("/work");
            client.read();
            trail.await("success");
            server.close();
            assertEquals(List.of("acquired", "success"), trail.events());
        }
    }

    @Test
    void forcedCloseIsDroppedAsWithoutHangup() {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> {
            throw new CloseConnectionException("enough");
        })); RawClient client = server.connect()) {
            client.get("/work");
            client.readToEnd();
            trail.await("dropped");
            server.close();
            assertEquals(List.of("acquired", "dropped"), trail.events());
        }
    }

    @Test
    void deadlineIsDroppedWhenTheWorkHasEnded() {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("answered");
        }));
                RawClient client = server.connect()) {
            client.get("/work");
            assertEquals(503, client.read().status());
            trail.await("interrupted");
            trail.add("answered");
            client.readToEnd();
            trail.await("dropped");
            server.close();
            assertEquals(List.of("acquired", "started", "interrupted", "answered", "released", "dropped"), trail.events());
        }
    }

    @Test
    void deadlineInTheMiddleOfAnAnswerIsDropped() {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> {
            OutputStream stream = response.outputStream();
            stream.write(new byte[10_000]);
            stream.flush();
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        })); RawClient client = server.connect()) {
            client.get("/work");
            client.readToEnd();
            trail.await("dropped");
            server.close();
            assertEquals(List.of("acquired", "started", "interrupted", "dropped"), trail.events());
        }
    }

    /** Otherwise one client could lower an adaptive limit for all. */
    @ParameterizedTest
    @ValueSource(strings = {"X-Request-Timeout-Ms: 50\r\n", "X-Request-Timeout-Ms: 1\r\n", "Prefer: wait=1\r\n"})
    void deadlineThatOnlyTheClientAsksForIsIgnored(String asked) {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
                RawClient client = server.connect()) {
            assertEquals(503, client.get("/work", asked).read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertIgnored(server);
        }
    }

    /** The default deadline ends when the response begins, but not the one that the client asks for. */
    @Test
    void deadlineThatOnlyTheClientAsksForIsIgnoredInTheMiddleOfAnAnswer() {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> {
            OutputStream stream = response.outputStream();
            stream.write(new byte[10_000]);
            stream.flush();
            trail.workUntilInterrupted();
        })); RawClient client = server.connect()) {
            client.get("/work", "X-Request-Timeout-Ms: 300\r\n");
            client.readToEnd();
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertIgnored(server);
        }
    }

    @Test
    void deadlineThatOnlyTheClientAsksForIsIgnoredEvenIfThatOfTheRouteHasPassedToo() {
        try (TestServer server = limited(Hangup.cancellable(Duration.ofMillis(400), (request, response) ->
                trail.ignoreInterruptsUntil("deadline of the route")));
                RawClient client = server.connect()) {
            assertEquals(503, client.get("/work", "X-Request-Timeout-Ms: 200\r\n").read().status());
            long respondedAt = System.nanoTime();
            Await.until("the route's deadline has passed", () -> System.nanoTime() - respondedAt > 400_000_000);
            trail.add("deadline of the route");
            assertIgnored(server);
        }
    }

    @Test
    void deadlineOfTheRouteIsDroppedThoughTheClientAsksForOneToo() {
        for (String millis : List.of("50", "51", "30000")) {
            try (TestServer server = limited(Hangup.cancellable(Duration.ofMillis(50), (request, response) ->
                    trail.workUntilInterrupted()));
                    RawClient client = server.connect()) {
                assertEquals(503, client.get("/work", "X-Request-Timeout-Ms: " + millis + "\r\n").read().status());
                assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            }
        }
        assertEquals(3, trail.events().stream().filter("dropped"::equals).count(), trail.events()::toString);
    }

    @Test
    void deadlineThatTheWorkSetsIsDroppedThoughTheClientAsksForOneToo() {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }));
                RawClient client = server.connect()) {
            assertEquals(503, client.get("/work", "X-Request-Timeout-Ms: 20000\r\n").read().status());
            trail.await("dropped");
            server.close();
            assertEquals(List.of("acquired", "started", "interrupted", "dropped"), trail.events());
        }
    }

    @Test
    @Tag("departure")
    void departureIsIgnoredWhenTheWorkHasEnded() {
        try (TestServer server = limited(Hangup.cancellable((request, response) ->
                trail.ignoreInterruptsUntil("interrupted")));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.leave();
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            trail.await("ignore");
            server.close();
            assertEquals(List.of("acquired", "started", "interrupted", "released", "ignore"), trail.events());
        }
    }

    /** Helidon would have taken it for a failure of the server. */
    @ParameterizedTest
    @ValueSource(strings = {"/work", "/bare"})
    void restOfABodyThatItsClientDoesNotSendIsIgnored(String path) {
        try (TestServer server = TestServer.start(config -> config.concurrencyLimit(new RecordingLimit(trail)), hangup -> { },
                                                  routing -> routing
                                                          .post("/work", Hangup.cancellable(request -> "unread"))
                                                          .post("/bare", (request, response) -> response.send("unread")));
                RawClient client = server.connect()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\nabc");
            assertEquals("unread", client.read().text());
            client.leave();
            assertIgnored(server);
        }
    }

    /** The body is there, but the handler has not read it. */
    @Test
    void deadlineBehindAnEarlyResponseIsDropped() {
        try (TestServer server = TestServer.start(config -> config.concurrencyLimit(new RecordingLimit(trail)), hangup -> { },
                                                  routing -> routing.post("/work", Hangup.cancellable(
                                                          Duration.ofMillis(50), (request, response) -> {
                                                              response.send("early");
                                                              trail.workUntilInterrupted();
                                                          })));
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
            assertEquals("early", client.read().text());
            trail.await("dropped");
        }
    }

    @Test
    void shutdownIsIgnored() {
        try (TestServer server = limited(Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            server.close();
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            trail.await("ignore");
            assertEquals(List.of("acquired", "started", "interrupted", "ignore"), trail.events());
        }
    }

    @Test
    void limitsOutcomeIsLeftInTheRequestsContext() {
        try (TestServer server = limited(Hangup.cancellable(request -> {
            LimitAlgorithm.Outcome outcome = request.context().get(LimitAlgorithm.Outcome.class).orElseThrow();
            LimitAlgorithm.Outcome.Deferred deferred = (LimitAlgorithm.Outcome.Deferred) outcome;
            return outcome.originName() + " " + outcome.algorithmType() + " " + outcome.timing() + " "
                    + deferred.waitStartNanoTime() + " " + deferred.waitEndNanoTime();
        })); RawClient client = server.connect()) {
            client.get("/work");
            assertEquals("recording recorded DEFERRED 17 42", client.read().text());
        }
    }

    @Test
    void maxConcurrentRequestsCountsUnresponsiveWorkThatWasAnswered() {
        try (TestServer server = TestServer.start(config -> config.maxConcurrentRequests(1), hangup -> { },
                                                  routing -> routing.get("/work", Hangup.cancellable((req, res) -> {
                                                      Time.isUp(req, res);
                                                      trail.ignoreInterruptsUntil("rejected");
                                                  }))
                                                          .get("/quick", Hangup.cancellable(request -> "done")));
                RawClient client = server.connect();
                RawClient second = server.connect();
                RawClient third = server.connect()) {
            client.get("/work");
            assertEquals(503, client.read().status());
            second.get("/quick");
            assertEquals(503, second.read().status());
            trail.add("rejected");
            client.readToEnd();
            server.nextEnd();
            third.get("/quick");
            assertEquals("done", third.read().text());
        }
    }

    @Test
    void waitForThePermitIsPartOfTheDeadline() {
        Semaphore permits = new Semaphore(1);
        FixedLimit limit = FixedLimit.builder().semaphore(permits).queueLength(10).queueTimeout(Duration.ofSeconds(20)).build();
        try (TestServer server = TestServer.start(config -> config.concurrencyLimit(limit), hangup -> { },
                                                  routing -> routing.get("/work", Hangup.cancellable((req, res) ->
                                                          trail.workUntilInterrupted())));
                RawClient client = server.connect()) {
            permits.acquireUninterruptibly();
            client.get("/work", "X-Request-Timeout-Ms: 5\r\n");
            Await.until("the request is queued", permits::hasQueuedThreads);
            long queuedAt = System.nanoTime();
            Await.until("its time is up", () -> System.nanoTime() - queuedAt > 5_000_000);
            permits.release();
            assertEquals(503, client.read().status());
            assertTrue(server.nextEnd().elapsed().toMillis() >= 5);
        }
    }

    private void assertIgnored(TestServer server) {
        trail.await("ignore");
        server.close();
        // on a slow machine the time may be up before the work has begun
        List<String> ofLimit = List.of("acquired", "success", "dropped", "ignore");
        List<String> permit = trail.events().stream().filter(ofLimit::contains).toList();
        assertEquals(List.of("acquired", "ignore"), permit);
    }

    private TestServer limited(Handler handler) {
        return TestServer.start(config -> config.concurrencyLimit(new RecordingLimit(trail)), hangup -> { },
                                routing -> routing.get("/work", handler));
    }
}
