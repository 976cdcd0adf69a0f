package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.LoggingLimit;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** Each stream has a permit of its own, which ends as the stream does. */
class Http2PermitTest {
    private final Trail trail = new Trail();

    @Test
    void completedIsASuccess() {
        try (TestServer server = limited(new RecordingLimit(trail)); Http2Client client = connect(server)) {
            client.answer(client.get("/quick"));
            // the answer is there before the stream has ended
            trail.await("success");
            client.answer(client.get("/quick"));
            trail.await("success", 2);
            server.close();
            assertEquals(List.of("acquired", "quick", "success", "acquired", "quick", "success"), trail.events());
        }
    }

    @Test
    void deadlineIsDropped() {
        try (TestServer server = limited(new RecordingLimit(trail)); Http2Client client = connect(server)) {
            client.answer(client.get("/late"));
            trail.await("dropped");
            assertEquals(List.of("acquired", "started", "interrupted", "dropped"), trail.events());
        }
    }

    @Test
    void deadlineThatOnlyTheClientAsksForIsIgnored() {
        try (TestServer server = limited(new RecordingLimit(trail)); Http2Client client = connect(server)) {
            assertEquals(503, client.answer(client.get("/work", "x-request-timeout-ms", "50")).status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            trail.await("ignore");
            assertFalse(trail.events().contains("dropped"));
        }
    }

    @Test
    void deadlineThatTheWorkSetsIsDroppedThoughTheClientAsksForOneToo() {
        try (TestServer server = limited(new RecordingLimit(trail)); Http2Client client = connect(server)) {
            client.answer(client.get("/late", "x-request-timeout-ms", "20000"));
            trail.await("dropped");
            assertEquals(List.of("acquired", "started", "interrupted", "dropped"), trail.events());
        }
    }

    @Test
    @Tag("departure")
    void departureIsIgnored() {
        try (TestServer server = limited(new RecordingLimit(trail)); Http2Client client = connect(server)) {
            int id = client.get("/work");
            trail.await("started");
            client.send(Http2Client.reset(id));
            trail.await("ignore");
            assertEquals(List.of("acquired", "started", "interrupted", "ignore"), trail.events());
        }
    }

    /** One stream has the permit, two wait for it and are reset, and the one that comes after them gets it. */
    @Test
    @Tag("departure")
    void streamThatIsResetInTheQueueGivesUpItsPlace() {
        Limit limit = FixedLimit.builder().permits(1).queueLength(10).queueTimeout(Duration.ofMinutes(1)).build();
        try (TestServer server = limited(new LoggingLimit(limit, trail)); Http2Client client = connect(server)) {
            client.get("/long");
            trail.await("started");
            int second = client.get("/quick");
            int third = client.post("/quick");
            trail.await("asked", 3);
            client.send(Http2Client.reset(second), Http2Client.reset(third));
            trail.await("turned away", 2);
            int last = client.get("/quick");
            trail.await("asked", 4);
            trail.add("first may end");
            assertEquals("quick", client.answer(last).text());
            assertEquals(List.of("asked", "let in", "started", "asked", "asked", "turned away", "turned away", "asked",
                                 "first may end", "released", "let in", "quick"), trail.events());
        }
    }

    @Test
    @Tag("departure")
    void clientThatLeavesGivesUpAllItsPlaces() {
        Limit limit = FixedLimit.builder().permits(1).queueLength(10).queueTimeout(Duration.ofMinutes(1)).build();
        try (TestServer server = limited(new LoggingLimit(limit, trail));
                Http2Client stayer = connect(server);
                Http2Client leaver = connect(server)) {
            int first = stayer.get("/long");
            trail.await("started");
            leaver.get("/quick");
            leaver.get("/quick");
            trail.await("asked", 3);
            leaver.socket().leave();
            trail.await("turned away", 2);
            trail.add("first may end");
            assertEquals(200, stayer.answer(first).status());
        }
    }

    private Http2Client connect(TestServer server) {
        return Http2Opening.PRIOR_KNOWLEDGE.connect(server.port());
    }

    private TestServer limited(Limit limit) {
        return TestServer.start(server -> server.concurrencyLimit(limit), hangup -> { }, routing -> routing
                .get("/long", Hangup.cancellable((request, response) -> {
                    trail.ignoreInterruptsUntil("first may end");
                    response.send();
                }))
                .get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/late", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))
                .any("/quick", Hangup.cancellable(request -> {
                    trail.add("quick");
                    return "quick";
                })));
    }
}
