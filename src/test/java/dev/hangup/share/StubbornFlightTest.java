package dev.hangup.share;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.StubbornWork;
import dev.hangup.testing.Patience;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.StubbornTold;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A computation that nobody waits for any more and that goes on is stubborn work of its route. */
class StubbornFlightTest {
    private static final String SHORT = "X-Request-Timeout-Ms: 200\r\n";

    private final Trail trail = new Trail();
    private final StubbornTold told = new StubbornTold(trail);

    @Test
    void isToldOfWhenTheRequestThatBeganItHasEnded() {
        try (TestServer server = start(shared -> { })) {
            letADeadlinePass(server);
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            StubbornWork work = nextComputation();
            assertEquals("GET /shared/{key} DEADLINE_EXCEEDED", work.method() + " " + work.route() + " " + work.outcome());
            trail.add("release");
            awaitEndOf(work);
        }
    }

    @Tag("departure")
    @Test
    void isToldOfWhenItsLingeringIsOver() {
        try (TestServer server = start(shared -> shared.linger(Duration.ofMillis(1)))) {
            RawClient client = server.connect().get("/shared/stuck");
            trail.await("started");
            client.leave();
            StubbornWork work = nextComputation();
            assertEquals(Outcome.DISCONNECTED, work.outcome());
            trail.add("release");
            awaitEndOf(work);
        }
    }

    @Test
    void takesUpTheBoundOfItsRouteUntilItEnds() {
        try (TestServer server = start(shared -> { }); RawClient client = server.connect()) {
            letADeadlinePass(server);
            StubbornWork work = nextComputation();
            RawClient.Response refused = client.get("/shared/more").read();
            assertEquals(503, refused.status());
            assertEquals("1", refused.headers().get("retry-after"));
            trail.add("release");
            awaitEndOf(work);
            Patience.until("the route has room again", () -> {
                RawClient.Response answer = client.get("/shared/again").read();
                return answer.status() == 200 && answer.text().equals("done again");
            });
            assertEquals(List.of(), trail.events().stream().filter("computing more"::equals).toList());
        }
    }

    private void letADeadlinePass(TestServer server) {
        // on a slow machine it may pass before the computation has begun
        Patience.until("a computation was begun", () -> {
            try (RawClient client = server.connect()) {
                assertEquals(503, client.get("/shared/stuck", SHORT).read().status());
            }
            return trail.events().contains("computing stuck");
        });
    }

    /** Not the requests that wait for it: on a slow machine they may be told of too. */
    private StubbornWork nextComputation() {
        StubbornWork work = told.next();
        while (work.stack().stream().noneMatch(frame -> frame.getMethodName().equals("workStubbornlyUntil"))) {
            work = told.next();
        }
        return work;
    }

    private void awaitEndOf(StubbornWork work) {
        while (!told.nextEnd().thread().equals(work.thread())) {
            // of a request that waited
        }
    }

    private TestServer start(Consumer<Shared.Builder<String, String>> settings) {
        Shared.Builder<String, String> shared = Shared.<String, String>builder()
                .key(request -> request.path().pathParameters().get("key"))
                .computing(this::compute);
        settings.accept(shared);
        return TestServer.start(hangup -> hangup.stubbornGrace(Duration.ofMillis(1)).maxStubborn(1).addListener(told),
                                routing -> routing.get("/shared/{key}", shared.build()));
    }

    private String compute(String key) {
        trail.add("computing " + key);
        if (key.equals("stuck")) {
            trail.workStubbornlyUntil("release");
        }
        return "done " + key;
    }
}
