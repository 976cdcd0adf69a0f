package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** How many computations go on without waiting requests. */
class KeptCallsTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Trail trail = new Trail();
    private final CountDownLatch release = new CountDownLatch(1);

    /** Each as soon as its computation has begun, as a search after each keystroke. */
    @Tag("departure")
    @Test
    void clientsThatLeaveKeepNoMoreComputationsThanTheMaximum() {
        Coalescing<String, String> coalescing = Coalescing.<String, String>builder()
                .key(request -> request.path().path())
                .computing(this::untilReleased)
                .keepRunning(MINUTE)
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", coalescing))) {
            for (int i = 0; i < 100; i++) {
                leave(server, "/" + i);
                Await.until("nobody waits", () -> coalescing.waiting() == 0);
            }
            Await.until("no more than 16 go on", () -> coalescing.running() <= 16);
            List<String> interrupted = IntStream.range(0, 84).mapToObj(it -> "interrupted /" + it + ": DISCONNECTED").toList();
            Await.until("the oldest have ended", () -> trail.events().containsAll(interrupted));
            // the newest are there for whoever comes back
            List<RawClient> back = IntStream.range(84, 100).mapToObj(it -> server.connect().get("/" + it)).toList();
            Await.until("all wait", () -> coalescing.waiting() == 16);
            release.countDown();
            for (RawClient client : back) {
                RawClient.Response response = client.read();
                assertEquals(200, response.status());
                assertEquals("hangup; fwd=miss; collapsed", response.headers().get("cache-status"));
            }
            assertEquals(84, trail.events().stream().filter(it -> it.startsWith("interrupted")).count());
            assertEquals(100, coalescing.computed());
        }
    }

    @Tag("departure")
    @Test
    void callThatIsAbandonedForAnotherOneHasTheReasonOfItsOwnLastWaiter() {
        Coalescing<String, String> coalescing = Coalescing.<String, String>builder()
                .key(request -> request.path().path())
                .computing(this::untilReleased)
                .keepRunning(MINUTE)
                .maxKeptRunning(1)
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/*", coalescing))) {
            // on a slow machine the time may be up before the call has begun
            Await.until("a call outlasts its request", () -> {
                try (RawClient late = server.connect()) {
                    assertEquals(503, late.get("/late", Deadline.HEADER + ": 500\r\n").read().status());
                }
                assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
                return coalescing.running() == 1;
            });
            trail.await("computing /late");
            Await.until("no request waits", () -> coalescing.waiting() == 0);
            leave(server, "/left");
            trail.await("interrupted /late: DEADLINE_EXCEEDED");
            assertEquals(1, coalescing.running());
            release.countDown();
        }
    }

    @Test
    void callThatARequestHasJoinedIsNotAmongTheKept() throws Exception {
        KeptCalls kept = new KeptCalls(MINUTE, 1);
        SharedCall<String> joined = call("joined", kept);
        SharedCall<String> other = call("other", kept);
        join(joined).close();
        SharedCall<String>.Waiter waiter = join(joined);
        assertEquals(0, kept.size());
        join(other).close();
        assertTrue(!joined.over() && !other.over());
        waiter.close();
        assertTrue(!joined.over() && other.over());
        trail.await("ended other");
        assertEquals(Optional.of(Outcome.DISCONNECTED), other.cancellation().reason());
        release.countDown();
        try (SharedCall<String>.Waiter last = join(joined)) {
            assertEquals("result of joined", last.await());
        }
    }

    @Test
    void callThatHasEndedIsNotAmongTheKept() {
        KeptCalls kept = new KeptCalls(MINUTE, 2);
        SharedCall<String> ended = call("ended", kept);
        join(ended).close();
        assertEquals(1, kept.size());
        release.countDown();
        Await.until("it has ended", ended::over);
        Await.until("it is not kept", () -> kept.size() == 0);
    }

    @Test
    void callsThatAreAbandonedAtOnceOrByTheStopOfTheServerAreNotAmongTheKept() {
        KeptCalls none = KeptCalls.none();
        SharedCall<String> abandoned = call("abandoned", none);
        join(abandoned).close();
        assertTrue(abandoned.over());
        assertEquals(0, none.size());
        KeptCalls kept = new KeptCalls(MINUTE, 1);
        SharedCall<String> stopped = call("stopped", kept);
        join(stopped).close();
        stopped.shutDown();
        assertTrue(stopped.over());
        assertEquals(0, kept.size());
        assertEquals(Optional.of(Outcome.SHUTDOWN), stopped.cancellation().reason());
    }

    private SharedCall<String> call(String key, KeptCalls kept) {
        return new SharedCall<>("call-test", kept, () -> untilReleased(key), result -> trail.add("completed " + key),
                                call -> trail.add("ended " + key));
    }

    private static SharedCall<String>.Waiter join(SharedCall<String> call) {
        return call.join(Deadline.in(MINUTE)).orElseThrow();
    }

    private void leave(TestServer server, String path) {
        RawClient client = server.connect().get(path);
        trail.await("computing " + path);
        client.leave();
        RequestEnd end = server.nextEnd();
        assertTrue(end.outcome() == Outcome.DISCONNECTED, end::toString);
    }

    private String untilReleased(String key) throws InterruptedException {
        trail.add("computing " + key);
        try {
            release.await();
            return "result of " + key;
        } catch (InterruptedException e) {
            trail.add("interrupted " + key + ": " + Cancellation.current().reason().orElseThrow());
            throw e;
        }
    }
}
