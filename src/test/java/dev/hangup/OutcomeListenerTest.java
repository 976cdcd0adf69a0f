package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.context.ContextFeature;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a listener is told of requests, when, and what it can do to them: nothing. */
class OutcomeListenerTest {
    private final Trail trail = new Trail();
    private final Told told = new Told(trail);

    @Test
    void isNotifiedThatWorkHasBegunWhileItRuns() {
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(told), routing -> routing
                .get("/work/{id}", Hangup.cancellable(Duration.ofSeconds(70), request -> {
                    trail.awaitInterruptibly("start");
                    trail.add("work ends");
                    return "done";
                }))); RawClient client = server.connect()) {
            assertEquals("done", client.get("/work/7").read().text());
            trail.await("end");
            assertEquals(List.of("start", "work ends", "decided: completed", "end"), trail.events());
            RequestStart start = told.starts.remove();
            assertEquals("GET", start.method());
            assertEquals("/work/{id}", start.route());
            assertEquals(Duration.ofSeconds(70), start.allowed());
            assertTrue(start.peer().matches("127\\.0\\.0\\.1:\\d+"), start.peer());
        }
    }

    @Test
    void isReportedAllInOrderOfWorkThatIsOverInAMoment() {
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(told), routing -> routing
                .get("/", Hangup.cancellable(request -> "done"))); RawClient client = server.connect()) {
            client.get("/").read();
            trail.await("end");
            assertEquals(List.of("start", "decided: completed", "end"), trail.events());
        }
    }

    @Test
    @Tag("departure")
    void isReportedTheDecisionWhileStoppedWorkGoesOn() {
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(told), routing -> routing
                .get("/", Hangup.cancellable(request -> {
                    trail.ignoreInterruptsUntil("decided: disconnected");
                    return "dropped";
                }))); RawClient client = server.connect()) {
            client.get("/");
            trail.await("started");
            client.leave();
            trail.await("end");
            List<String> events = trail.events();
            assertTrue(events.indexOf("decided: disconnected") < events.indexOf("released"), events.toString());
            assertTrue(events.indexOf("released") < events.indexOf("end"), events.toString());
        }
    }

    @Test
    void allThatItIsReportedARequestHasTheSameNumberAndOthersHaveOthers() {
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(told), routing -> routing
                .get("/", Hangup.cancellable(request -> "done"))); RawClient client = server.connect()) {
            client.get("/").read();
            client.get("/").read();
            trail.await("end", 2);
            List<Long> starts = told.starts.stream().map(RequestStart::id).toList();
            assertEquals(2, starts.stream().distinct().count());
            assertEquals(starts, told.decisions.stream().map(it -> it.request().id()).toList());
            assertEquals(starts, told.ends.stream().map(RequestEnd::id).toList());
        }
    }

    @Test
    void eventHasTheContextOfTheRequest() {
        eventHasTheContext(hangup -> { });
    }

    /** All filters are part of the work, and run on its thread. */
    @Test
    void eventHasTheContextOfTheRequestUnderPathsToo() {
        eventHasTheContext(hangup -> hangup.addPath(HangupPathConfig.builder().path("/*").build()));
    }

    private void eventHasTheContext(Consumer<HangupConfig.Builder> hangup) {
        try (TestServer server = TestServer.start(
                config -> config.addFeature(ContextFeature.create()),
                builder -> builder.addListener(told).update(hangup),
                OutcomeListenerTest::withSpan); RawClient client = server.connect()) {
            client.get("/").read();
            trail.await("end");
            assertEquals("of this request",
                         told.starts.remove().context().orElseThrow().get("span", String.class).orElseThrow());
        }
    }

    @Test
    void requestThatIsRefusedIsReportedWithNoTimeAllowed() {
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(told), routing -> routing
                .get("/", Hangup.cancellable(request -> "done"))); RawClient client = server.connect()) {
            assertEquals(400, client.get("/", "X-Request-Timeout-Ms: soon\r\n").read().status());
            trail.await("end");
            assertEquals(Duration.ZERO, told.starts.remove().allowed());
            assertEquals(400, told.ends.remove().status());
        }
    }

    @Test
    void oneThatDawdlesKeepsNeitherRequestsWaitingNorOthersWithoutEvents() {
        CountDownLatch goOn = new CountDownLatch(1);
        LinkedBlockingQueue<Long> late = new LinkedBlockingQueue<>();
        OutcomeListener dawdling = end -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            late.add(end.id());
        };
        try (TestServer server = TestServer.start(hangup -> hangup.addListener(dawdling).addListener(told), routing -> routing
                .get("/", Hangup.cancellable(request -> "done"))); RawClient client = server.connect()) {
            IntStream.range(0, 50).forEach(i -> assertEquals("done", client.get("/").read().text()));
            trail.await("end", 50);
            assertEquals(List.of(), List.copyOf(late));
            goOn.countDown();
        }
        Await.until("it has caught up", () -> late.size() == 50);
        assertEquals(told.ends.stream().map(RequestEnd::id).toList(), List.copyOf(late));
    }

    @Test
    void hasBeenNotifiedOfAllWhenTheServerHasStopped() {
        try (TestServer server = TestServer.start(
                config -> config.shutdownGracePeriod(Duration.ofSeconds(5)),
                hangup -> hangup.drain(Duration.ZERO).addListener(told),
                routing -> routing.get("/", Hangup.cancellable(request -> {
                    trail.workUntilInterrupted();
                    return "never";
                }))); RawClient client = server.connect()) {
            client.get("/");
            trail.await("started");
            server.close();
            assertEquals(List.of(Outcome.SHUTDOWN), told.ends.stream().map(RequestEnd::outcome).toList());
        }
    }

    private static void withSpan(HttpRouting.Builder routing) {
        routing
                .addFilter((chain, request, response) -> {
                    request.context().register("span", "of this request");
                    chain.proceed();
                })
                .get("/", Hangup.cancellable(request -> "done"));
    }

    /** Keeps what it is told, and leaves it on a trail. */
    private static final class Told implements OutcomeListener {
        private final LinkedBlockingQueue<RequestStart> starts = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<RequestDecision> decisions = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<RequestEnd> ends = new LinkedBlockingQueue<>();
        private final Trail trail;

        private Told(Trail trail) {
            this.trail = trail;
        }

        @Override
        public void started(RequestStart request) {
            starts.add(request);
            trail.add("start");
        }

        @Override
        public void decided(RequestDecision decision) {
            decisions.add(decision);
            trail.add("decided: " + decision.outcome().text());
        }

        @Override
        public void ended(RequestEnd end) {
            ends.add(end);
            trail.add("end");
        }
    }
}
