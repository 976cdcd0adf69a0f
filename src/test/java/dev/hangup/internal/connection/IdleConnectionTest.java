package dev.hangup.internal.connection;

import java.time.Duration;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Helidon closes connections that are idle. */
class IdleConnectionTest {
    /** More than one step of Helidon's clock, which counts seconds: otherwise a new connection may count as idle. */
    private static final Duration IDLE = Duration.ofMillis(1100);
    private static final Duration PERIOD = Duration.ofMillis(50);

    private final Trail trail = new Trail();

    /** The reader, which is still in its read from when it was watched, does not keep it. */
    @ParameterizedTest
    @EnumSource
    void connectionThatWasWatchedIsClosedWithItsReader(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            client.get("/work");
            Await.until("the client is watched", () -> Usage.readers() > 0);
            trail.add("watched");
            assertEquals("worked", client.read().text());
            assertEquals("", new String(client.readToEnd()));
            Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
        }
    }

    @Test
    void requestThatTakesLongerIsAnsweredAndOnlyThenIsItsConnectionIdle() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/work");
            awaitRoundsOfTheIdleTimer(server);
            trail.add("watched");
            assertEquals("worked", client.read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertEquals("", new String(client.readToEnd()));
        }
    }

    /** It waits for the limit, which is no reason to close it either. */
    @Test
    void requestThatWaitsForItsPermitIsAnswered() {
        FixedLimit limit = FixedLimit.builder().permits(1).queueLength(1).queueTimeout(Duration.ofMinutes(1)).build();
        FixedLimit.Token token = ((FixedLimit.Outcome.Accepted) limit.tryAcquireOutcome()).token();
        try (TestServer idle = start(Transport.CLEAR);
                TestServer server = TestServer.start(config -> idles(config).concurrencyLimit(limit), hangup -> { },
                                                     this::routing);
                RawClient client = server.connect()) {
            client.get("/work");
            awaitRoundsOfTheIdleTimer(idle);
            trail.add("watched");
            token.success();
            assertEquals("worked", client.read().text());
        }
    }

    /** It closes connections that were opened later than those that are not idle. */
    private static void awaitRoundsOfTheIdleTimer(TestServer server) {
        for (int i = 0; i < 2; i++) {
            try (RawClient next = server.connect()) {
                next.get("/none");
                next.read();
                assertEquals("", new String(next.readToEnd()));
            }
        }
    }

    private TestServer start(Transport transport) {
        return TestServer.start(server -> transport.configure(idles(server)), hangup -> { }, this::routing);
    }

    static WebServerConfig.Builder idles(WebServerConfig.Builder server) {
        return server.idleConnectionTimeout(IDLE).idleConnectionPeriod(PERIOD);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable(request -> {
            trail.await("watched");
            return "worked";
        }));
    }
}
