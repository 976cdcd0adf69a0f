package dev.hangup;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.resumable.Resumable;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A server that stops with requests in flight. */
class ShutdownTest {
    private final Trail trail = new Trail();
    private Logged trouble;

    @BeforeEach
    void listen() {
        trouble = Logged.trouble("");
    }

    @AfterEach
    void noTrouble() {
        trouble.close();
        assertEquals(List.of(), trouble.trail().events());
    }

    @Test
    void requestThatEndsInTimeIsCompleted() {
        try (TestServer server = start(Duration.ofSeconds(20), Duration.ofSeconds(25), Hangup.cancellable(request -> {
            trail.ignoreInterruptsUntil("stop");
            return "done";
        })); RawClient client = server.connect(); RawClient idle = server.connect()) {
            idle.get("/none");
            idle.read();
            client.get("/work");
            trail.await("started");
            Thread stopping = Thread.ofPlatform().start(server::close);
            idle.readToEnd();
            // it has closed the idle connection, perhaps before it asks the other one to end
            Await.untilBlocked(stopping);
            trail.add("stop");
            RawClient.Response last = client.read();
            assertEquals("done", last.text());
            assertEquals("close", last.headers().get("connection"));
            assertEquals("", new String(client.readToEnd()));
            Await.until("the server has stopped", () -> !stopping.isAlive());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertEquals(List.of("started", "stop", "released"), trail.events());
        }
    }

    @Test
    void requestThatDoesNotIsInterruptedAndAnswered() {
        try (TestServer server = start(Duration.ofMillis(50), Duration.ofSeconds(25), Hangup.cancellable((req, res) ->
                trail.workUntilInterrupted()));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            server.close();
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertEquals("1", response.headers().get("retry-after"));
            assertTrue(response.text().contains("The server is stopping"), response.text());
            assertEquals("", new String(client.readToEnd()));
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.SHUTDOWN, end.outcome());
            assertEquals(503, end.status());
        }
    }

    @Test
    void requestWithABodyIsInterruptedAndAnswered() {
        try (TestServer server = start(Duration.ofMillis(50), Duration.ofMillis(300), Hangup.cancellable((req, res) ->
                trail.workUntilInterrupted()));
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");
            trail.await("started");
            server.close();
            assertEquals(503, client.read().status());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    @Test
    void answerIsOutBeforeUnresponsiveWorkEnds() {
        try (TestServer server = start(Duration.ofMillis(50), Duration.ofMillis(300), Hangup.cancellable((req, res) -> {
            trail.ignoreInterruptsUntil("release");
            res.send("late");
        })); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            assertEquals(503, client.read().status());
            stopped.join();
            trail.add("release");
            assertEquals("", new String(client.readToEnd()));
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    @Test
    void answerThatHadBegunIsAborted() {
        try (TestServer server = start(Duration.ZERO, Duration.ofMillis(500), Hangup.cancellable((req, res) -> {
            OutputStream stream = res.status(Status.ACCEPTED_202).outputStream();
            stream.write(new byte[10_000]);
            stream.flush();
            trail.workUntilInterrupted();
        })); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            server.close();
            String got = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
            assertFalse(got.endsWith("0\r\n\r\n"), "ends with the last chunk");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.SHUTDOWN, end.outcome());
            assertEquals(202, end.status());
        }
    }

    @Test
    void everySocketIsStopped() {
        Handler handler = Hangup.cancellable((req, res) -> trail.workUntilInterrupted());
        try (TestServer server = TestServer.start(config -> config
                .putSocket("other", other -> other.host("localhost"))
                .routing("other", HttpRouting.builder().get("/work", handler)), hangup -> { },
                                                  routing -> routing.get("/work", handler));
                RawClient client = server.connect();
                RawClient other = RawClient.connect(server.server().port("other"))) {
            client.get("/work");
            other.get("/work");
            trail.await("started", 2);
            server.close();
            assertEquals(503, client.read().status());
            assertEquals(503, other.read().status());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    @Test
    void idleConnectionsAreClosedAtOnce() {
        try (TestServer server = start(Duration.ofSeconds(20), Duration.ofSeconds(25), Hangup.cancellable(req -> "done"));
                RawClient client = server.connect()) {
            client.get("/work");
            assertEquals("done", client.read().text());
            server.close();
            assertEquals("", new String(client.readToEnd()));
        }
    }

    @Test
    void suspendingStopsWithoutAPeriodOfGrace() {
        // Helidon's listener may log, with a stack trace, that it was closed
        trouble.close();
        trouble = Logged.trouble("dev.hangup");
        try (TestServer server = start(Duration.ofSeconds(20), Duration.ofSeconds(25), Hangup.cancellable((req, res) ->
                trail.workUntilInterrupted()));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            ((Resumable) server.server()).suspend();
            assertEquals(503, client.read().status());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            ((Resumable) server.server()).resume();
        }
    }

    @Test
    void idleTimerDoesNotEndARequestInFlight() {
        try (TestServer server = TestServer.start(config -> config
                .idleConnectionTimeout(Duration.ofMillis(20))
                .idleConnectionPeriod(Duration.ofMillis(10)), hangup -> hangup.drain(Duration.ZERO), routing -> routing
                .get("/work", Hangup.cancellable((req, res) -> trail.ignoreInterruptsUntil("interrupted"))));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            // rounds of the idle timer: it closes connections that are opened after the one that works
            for (int i = 0; i < 2; i++) {
                try (RawClient next = server.connect()) {
                    next.get("/none");
                    next.read();
                    assertEquals("", new String(next.readToEnd()));
                }
            }
            assertEquals(List.of("started"), trail.events());
            assertEquals(0, server.endsLeft());
            server.close();
            assertEquals(503, client.read().status());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    private static TestServer start(Duration drain, Duration grace, Handler handler) {
        return TestServer.start(config -> config.shutdownGracePeriod(grace), hangup -> hangup.drain(drain),
                                routing -> routing.any("/work", handler));
    }
}
