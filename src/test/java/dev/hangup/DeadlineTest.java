package dev.hangup;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Which deadline a request has, and what its client is told when that has passed. */
class DeadlineTest {
    private static final int GAP_MILLIS = 200;

    private final Trail trail = new Trail();

    @Test
    void passedIsAProblemToComeBackFor() {
        try (TestServer server = TestServer.start(routing -> working(routing, Duration.ofMillis(50)));
                RawClient client = server.connect()) {
            client.get("/work");
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertEquals("application/problem+json", response.headers().get("content-type"));
            assertEquals("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                                 + "\"detail\":\"The deadline of this request has passed\"}\n", response.text());
            assertEquals("1", response.headers().get("retry-after"));
            assertEquals("close", response.headers().get("connection"));
            assertEquals("", new String(client.readToEnd()));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void countsFromTheGivenMoment() {
        long minuteAgo = System.nanoTime() - TimeUnit.MINUTES.toNanos(1);
        assertTrue(Deadline.after(minuteAgo, Duration.ofSeconds(59)).passed());
        Duration left = Deadline.after(minuteAgo, Duration.ofMinutes(2)).remaining();
        assertTrue(left.compareTo(Duration.ofMinutes(1)) <= 0 && left.compareTo(Duration.ofSeconds(50)) > 0, left.toString());
        assertEquals(Deadline.after(minuteAgo, Duration.ZERO), Deadline.after(minuteAgo, Duration.ofSeconds(-1)));
    }

    @Test
    void routesOwnIsTaken() {
        assertDeadline(5_000, hangup -> hangup, Duration.ofSeconds(5));
    }

    @Test
    void defaultIsTakenWhereTheRouteSaysNothing() {
        assertDeadline(7_000, hangup -> hangup.deadline(Duration.ofSeconds(7)), null);
    }

    @Test
    void maximumBoundsTheRoute() {
        assertDeadline(9_000, hangup -> hangup.deadline(Duration.ofSeconds(9)).maxDeadline(Duration.ofSeconds(9)),
                       Duration.ofSeconds(Long.MAX_VALUE));
    }

    @Test
    void clientMayShorten() {
        assertDeadline(2_500, hangup -> hangup, null, "X-Request-Timeout-Ms: 2500\r\n");
        assertDeadline(2_000, hangup -> hangup, null, "Prefer: respond-async, wait=2\r\n");
        assertDeadline(2_000, hangup -> hangup, null, "Prefer: wait=2\r\n", "X-Request-Timeout-Ms: 2500\r\n");
    }

    @Test
    void clientMayNotLengthen() {
        assertDeadline(5_000, hangup -> hangup, Duration.ofSeconds(5), "X-Request-Timeout-Ms: 6000\r\n");
        assertDeadline(5_000, hangup -> hangup, Duration.ofSeconds(5), "Prefer: wait=999999999999999999\r\n");
        assertDeadline(30_000, hangup -> hangup, null, "X-Request-Timeout-Ms: 999999999999999999\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"X-Request-Timeout-Ms: abc\r\n", "X-Request-Timeout-Ms: -1\r\n", "X-Request-Timeout-Ms: 0\r\n",
            "X-Request-Timeout-Ms: 1.5\r\n", "X-Request-Timeout-Ms: \r\n", "X-Request-Timeout-Ms: 12345678901234567890\r\n",
            "X-Request-Timeout-Ms: 5\r\nX-Request-Timeout-Ms: 5\r\n"})
    void malformedIsABadRequestAndTheConnectionGoesOn(String header) {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable(request -> "done")));
                RawClient client = server.connect()) {
            client.get("/work", header);
            RawClient.Response refused = client.read();
            assertEquals(400, refused.status());
            assertEquals("application/problem+json", refused.headers().get("content-type"));
            assertTrue(refused.text().contains("X-Request-Timeout-Ms"), refused.text());
            assertEquals(1, refused.text().lines().count());
            assertEquals(Outcome.REFUSED, server.nextEnd().outcome());

            client.get("/work");
            assertEquals("done", client.read().text());
        }
    }

    @Test
    void malformedIsRefusedWithoutABodyToHead() {
        try (TestServer server = TestServer.start(routing -> routing.any("/work", Hangup.cancellable(request -> "done")));
                RawClient client = server.connect()) {
            client.send("HEAD /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: abc\r\n\r\n");
            assertTrue(client.readHead().startsWith("HTTP/1.1 400 "));
            client.get("/work");
            assertEquals("done", client.read().text());
        }
    }

    @Test
    void countsFromTheEndOfTheHeaders() throws InterruptedException {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable(remaining())));
                RawClient client = server.connect()) {
            long taken;
            // a response that takes as long as the gap shows nothing: once more
            do {
                client.send("GET /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 30000\r\nX-Slow: ");
                // a gap to be told from none: nothing is awaited by it
                TimeUnit.MILLISECONDS.sleep(GAP_MILLIS);
                long sentAt = System.nanoTime();
                client.send("x\r\n\r\n");
                long remaining = Long.parseLong(client.read().text());
                taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentAt);
                assertTrue(remaining >= 30_000 - 1 - taken, remaining + " ms left of 30000 after " + taken);
            } while (taken >= GAP_MILLIS / 2);
        }
    }

    @Test
    void isNothingOutsideOfARequest() {
        assertTrue(Deadline.current().isEmpty());
    }

    private void assertDeadline(long millis, UnaryOperator<HangupConfig.Builder> hangup, Duration route, String... headers) {
        try (TestServer server = TestServer.start(hangup::apply, routing -> routing.get("/work", route == null
                ? Hangup.cancellable(remaining())
                : Hangup.cancellable(route, remaining())));
                RawClient client = server.connect()) {
            client.get("/work", headers);
            long remaining = Long.parseLong(client.read().text());
            assertTrue(remaining <= millis && remaining > millis - 1_900, remaining + " ms left of " + millis);
        }
    }

    private static Computation<String> remaining() {
        return request -> String.valueOf(Deadline.current().orElseThrow().remaining().toMillis());
    }

    private void working(HttpRouting.Builder routing, Duration deadline) {
        routing.get("/work", Hangup.cancellable(deadline, request -> {
            trail.workUntilInterrupted();
            return "never";
        }));
    }
}
