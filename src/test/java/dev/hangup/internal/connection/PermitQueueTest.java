package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.Random;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.LimitAlgorithm;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** The client stays while its request waits for a permit: all is as without Hangup. */
class PermitQueueTest {
    private static final int BODY = 300_000;

    private final FixedLimit limit = limit(Duration.ofMinutes(1));
    private final LimitAlgorithm.Token taken = ((LimitAlgorithm.Outcome.Accepted) limit.tryAcquireOutcome()).token();

    /** What was read ahead meanwhile is the request's, whether its route is cancellable or not. */
    @ParameterizedTest
    @ValueSource(strings = {"/cancellable", "/plain"})
    void bodyIsReadAfterTheWaitAndTheConnectionGoesOn(String path) {
        byte[] body = new byte[BODY];
        new Random(42).nextBytes(body);
        try (TestServer server = start(limit); RawClient client = server.connect()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY + "\r\n\r\n").send(body);
            awaitWait();
            taken.success();
            assertArrayEquals(body, client.read().body());
            client.send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ntext");
            assertEquals("text", client.read().text());
        }
    }

    @Test
    void requestThatWasPipelinedIsAnsweredAfterIt() {
        try (TestServer server = start(limit); RawClient client = server.connect()) {
            String request = "POST /cancellable HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n";
            client.send(request + "one" + request + "two");
            awaitWait();
            client.send(request + "six");
            taken.success();
            assertEquals("one", client.read().text());
            assertEquals("two", client.read().text());
            assertEquals("six", client.read().text());
        }
    }

    @Test
    void halfCloseThatIsToleratedKeepsItsPlace() {
        try (TestServer server = TestServer.start(config -> config.concurrencyLimit(limit),
                                                  hangup -> hangup.tolerateHalfClose(true), PermitQueueTest::routing);
                RawClient client = server.connect()) {
            client.send("POST /cancellable HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ntext");
            awaitWait();
            client.endOutput();
            Await.until("its end was read", () -> Usage.readers() == 0);
            taken.success();
            assertEquals("text", client.read().text());
        }
    }

    @Test
    void requestThatWaitsForTooLongIsRefused() {
        FixedLimit impatient = limit(Duration.ofMillis(50));
        impatient.tryAcquireOutcome();
        try (TestServer server = start(impatient); RawClient client = server.connect()) {
            client.send("POST /plain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
            assertEquals(503, client.read().status());
            assertEquals("", new String(client.readToEnd()));
            Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
        }
    }

    /** Whether it gets a 503 is a matter of luck, as without Hangup: Helidon interrupts its thread twice. */
    @Test
    void serverThatStopsDoesNotWaitForIt() {
        try (TestServer server = start(limit); RawClient client = server.connect()) {
            client.send("POST /plain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
            awaitWait();
            server.close();
            Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
        }
    }

    private static void awaitWait() {
        Await.until("the client is watched", () -> Usage.readers() > 0);
    }

    private static FixedLimit limit(Duration queueTimeout) {
        return FixedLimit.builder().permits(1).queueLength(10).queueTimeout(queueTimeout).build();
    }

    private static TestServer start(FixedLimit limit) {
        return TestServer.start(config -> config.concurrencyLimit(limit), hangup -> { }, PermitQueueTest::routing);
    }

    private static void routing(HttpRouting.Builder routing) {
        Handler echo = (request, response) -> response.send(request.content().as(byte[].class));
        routing.post("/cancellable", Hangup.cancellable(echo)).post("/plain", echo);
    }
}
