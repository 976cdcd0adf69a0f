package dev.hangup.internal.connection;

import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who sends more than may be read ahead is held back by TCP. */
class BackPressureTest {
    private static final int BOUND = 64 * 1024;
    private static final int PIECE = 16 * 1024;

    private final Trail trail = new Trail();
    private final CompletableFuture<ReadAheadBounds> bounds = new CompletableFuture<>();

    @Test
    void deadlineOfClientThatIsHeldBackHolds() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            Upload upload = new Upload(client, "/late");
            upload.awaitHeldBack(() -> bounds.join().held() >= BOUND);
            assertTrue(bounds.join().held() <= BOUND + PIECE + ReadBuffer.OVERHEAD, () -> bounds.join().held() + " bytes held");
            // what the kernel has taken on both sides, and no more
            assertTrue(upload.accepted() < Upload.LENGTH / 2, () -> upload.accepted() + " bytes accepted");
            trail.add("held back");
            assertEquals(503, client.read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            client.close();
            assertNothingIsLeft();
        }
    }

    @Test
    void bodyOfClientThatWasHeldBackIsReadToItsLastByte() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            Upload upload = new Upload(client, "/digest");
            upload.awaitHeldBack(() -> bounds.join().held() >= BOUND);
            trail.add("held back");
            assertArrayEquals(upload.digest(), HexFormat.of().parseHex(client.read().text()));
            client.get("/next");
            assertEquals("next", client.read().text());
            client.close();
            assertNothingIsLeft();
        }
    }

    @Test
    void bodyThatNobodyReadsIsSkippedAndTheConnectionGoesOn() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            Upload upload = new Upload(client, "/unread");
            upload.awaitHeldBack(() -> bounds.join().held() >= BOUND);
            trail.add("held back");
            assertEquals("unread", client.read().text());
            upload.digest();
            client.get("/next");
            assertEquals("next", client.read().text());
            client.close();
            assertNothingIsLeft();
        }
    }

    @Test
    void resetOfClientThatIsHeldBackLeavesNothingBehindOnceTheDeadlineHasPassed() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            Upload upload = new Upload(client, "/late");
            upload.awaitHeldBack(() -> bounds.join().held() >= BOUND);
            client.reset();
            trail.add("held back");
            server.nextEnd();
            assertNothingIsLeft();
        }
    }

    /** One has taken all the room, and the other left behind more than it may read. */
    @Test
    @Tag("departure")
    void departureIsNoticedWhenTheOthersHaveGivenBackTheirRoom() {
        try (TestServer server = start(); RawClient greedy = server.connect(); RawClient other = server.connect()) {
            Upload upload = new Upload(greedy, "/unread");
            upload.awaitHeldBack(() -> bounds.join().held() >= BOUND);
            long heldByGreedy = bounds.join().held();
            other.send("POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BOUND / 2 + "\r\n\r\n");
            trail.await("started");
            other.send(new byte[BOUND / 2]);
            other.leave();
            trail.add("left");
            Await.until("the other has read once and stopped", () -> bounds.join().held() > heldByGreedy
                    && Usage.readers() == 0);
            trail.add("held back");
            assertEquals("unread", greedy.read().text());
            trail.await("interrupted");
            assertEquals(List.of("started", "left", "held back", "interrupted"), trail.events());
        }
    }

    private TestServer start() {
        return TestServer.start(this::smallBuffers, hangup -> hangup.readAhead(BOUND).readAheadTotal(BOUND), this::routing);
    }

    private void smallBuffers(WebServerConfig.Builder server) {
        server.connectionOptions(it -> it.socketReceiveBufferSize(4 * BOUND));
    }

    private void assertNothingIsLeft() {
        Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
        assertEquals(0, bounds.join().held());
    }

    private void routing(HttpRouting.Builder routing) {
        routing.post("/late", Hangup.cancellable((request, response) -> {
                    untilHeldBack(request);
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))
                .post("/digest", Hangup.cancellable(this::digest))
                .post("/unread", Hangup.cancellable(request -> {
                    untilHeldBack(request);
                    return "unread";
                }))
                .post("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/next", Hangup.cancellable(request -> "next"));
    }

    private void digest(ServerRequest request, ServerResponse response) throws Exception {
        untilHeldBack(request);
        response.send(HexFormat.of().formatHex(Upload.sha().digest(request.content().inputStream().readAllBytes())));
    }

    private void untilHeldBack(ServerRequest request) {
        bounds.complete(Exchange.of(request).routing(ConnectionPolicy.class).orElseThrow().readAhead());
        trail.await("held back");
    }
}
