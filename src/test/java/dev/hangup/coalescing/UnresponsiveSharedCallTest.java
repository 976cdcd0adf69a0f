package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.UnresponsiveEvents;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A computation that nobody waits for any more and that goes on is unresponsive work of its route. */
class UnresponsiveSharedCallTest {
    private static final String SHORT = "X-Request-Timeout-Ms: 200\r\n";

    private final Trail trail = new Trail();
    private final UnresponsiveEvents told = new UnresponsiveEvents(trail);

    @Test
    void isReportedWhenTheRequestThatBeganItHasEnded() {
        try (TestServer server = start(coalescing -> { })) {
            letADeadlinePass(server);
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            UnresponsiveWork work = nextComputation();
            assertEquals("GET /shared/{key} DEADLINE_EXCEEDED", work.method() + " " + work.route() + " " + work.outcome());
            trail.add("release");
            awaitEndOf(work);
        }
    }

    @Tag("departure")
    @Test
    void isReportedWhenItsLingeringIsOver() {
        try (TestServer server = start(coalescing -> coalescing.keepRunning(Duration.ofMillis(1)))) {
            RawClient client = server.connect().get("/shared/stuck");
            trail.await("started");
            client.leave();
            UnresponsiveWork work = nextComputation();
            assertEquals(Outcome.DISCONNECTED, work.outcome());
            trail.add("release");
            awaitEndOf(work);
        }
    }

    @Test
    void takesUpTheBoundOfItsRouteUntilItEnds() {
        try (TestServer server = start(coalescing -> { }); RawClient client = server.connect()) {
            letADeadlinePass(server);
            UnresponsiveWork work = nextComputation();
            RawClient.Response refused = client.get("/shared/more").read();
            assertEquals(503, refused.status());
            assertEquals("1", refused.headers().get("retry-after"));
            trail.add("release");
            awaitEndOf(work);
            Await.until("the route has room again", () -> {
                RawClient.Response answer = client.get("/shared/again").read();
                return answer.status() == 200 && answer.text().equals("done again");
            });
            assertEquals(List.of(), trail.events().stream().filter("computing more"::equals).toList());
        }
    }

    private void letADeadlinePass(TestServer server) {
        // on a slow machine it may pass before the computation has begun
        Await.until("a computation was begun", () -> {
            try (RawClient client = server.connect()) {
                assertEquals(503, client.get("/shared/stuck", SHORT).read().status());
            }
            return trail.events().contains("computing stuck");
        });
    }

    /** Not the requests that wait for it: on a slow machine they may be told of too. */
    private UnresponsiveWork nextComputation() {
        UnresponsiveWork work = told.next();
        while (work.stack().stream().noneMatch(frame -> frame.getMethodName().equals("compute")
                && frame.getClassName().equals(UnresponsiveSharedCallTest.class.getName()))) {
            work = told.next();
        }
        return work;
    }

    private void awaitEndOf(UnresponsiveWork work) {
        while (!told.nextEnd().thread().equals(work.thread())) {
            // of a request that waited
        }
    }

    private TestServer start(Consumer<Coalescing.Builder<String, String>> settings) {
        Coalescing.Builder<String, String> coalescing = Coalescing.<String, String>builder()
                .key(request -> request.path().pathParameters().get("key"))
                .computing(this::compute);
        settings.accept(coalescing);
        return TestServer.start(hangup -> hangup.unresponsiveAfter(Duration.ofMillis(1)).maxUnresponsive(1).addListener(told),
                                routing -> routing.get("/shared/{key}", coalescing.build()));
    }

    private String compute(String key) {
        trail.add("computing " + key);
        if (key.equals("stuck")) {
            trail.ignoreInterruptsUntil("release");
        }
        return "done " + key;
    }
}
