package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.UnresponsiveEvents;

import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A route that has as much unresponsive work as it may have takes no new requests until some of it has ended. */
class MaxUnresponsiveTest {
    private final Trail trail = new Trail();

    @Test
    void refusesWithAProblemToComeBackForBeforeAnythingIsBegun() {
        try (Logged log = Logged.by("dev.hangup");
                TestServer server = start(1, routing -> routing.get("/work/{id}", Hangup.cancellable(this::work)));
                RawClient stuck = server.connect();
                RawClient client = server.connect()) {
            stuck.get("/work/stuck");
            trail.await("unresponsive");
            RawClient.Response refused = client.get("/work/more").read();
            assertEquals(503, refused.status());
            assertEquals("application/problem+json", refused.headers().get("content-type"));
            assertEquals("1", refused.headers().get("retry-after"));
            assertEquals("{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
                                 + "\"detail\":\"Too much cancelled work of this route has not ended\"}\n",
                         refused.text());
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.REFUSED, end.outcome());
            assertEquals("503", end.errorType().orElse("none"));
            assertEquals(1, log.trail().events().stream()
                    .filter(line -> line.startsWith("refused GET /work/{id} ") && line.contains(" status=503 ")).count());
            assertEquals(List.of("begun stuck"), begun());
            trail.add("release");
        }
    }

    @Test
    void takesRequestsAgainOnTheSameConnectionWhenWorkHasEnded() {
        try (TestServer server = start(1, routing -> routing.get("/work/{id}", Hangup.cancellable(this::work)));
                RawClient stuck = server.connect();
                RawClient client = server.connect()) {
            stuck.get("/work/stuck");
            trail.await("unresponsive");
            assertEquals(503, client.get("/work/more").read().status());
            trail.add("release");
            trail.await("unresponsive ended");
            assertEquals("done again", client.get("/work/again").read().text());
        }
    }

    @Test
    void isReachedOnlyWithAsManyAsAreConfigured() {
        try (TestServer server = start(2, routing -> routing.get("/work/{id}", Hangup.cancellable(this::work)));
                RawClient first = server.connect();
                RawClient second = server.connect();
                RawClient client = server.connect()) {
            first.get("/work/stuck");
            trail.await("unresponsive");
            assertEquals("done more", client.get("/work/more").read().text());
            second.get("/work/stuck");
            trail.await("unresponsive", 2);
            assertEquals(503, client.get("/work/more").read().status());
            trail.add("release");
        }
    }

    @Test
    void isNoConcernOfOtherRoutes() {
        try (TestServer server = start(1, routing -> routing
                .get("/work/{id}", Hangup.cancellable(this::work))
                .get("/other/{id}", Hangup.cancellable(this::work)));
                RawClient stuck = server.connect();
                RawClient client = server.connect()) {
            stuck.get("/work/stuck");
            trail.await("unresponsive");
            assertEquals(503, client.get("/work/more").read().status());
            assertEquals("done more", client.get("/other/more").read().text());
            trail.add("release");
        }
    }

    @Test
    void isOneForAllThatAClientMayWriteIntoAPath() {
        Handler handler = Hangup.cancellable(this::work);
        try (TestServer server = start(1, routing -> routing
                .register("/tenants/{tenant}", rules -> rules.get("/work/{id}", handler)));
                RawClient stuck = server.connect();
                RawClient client = server.connect()) {
            stuck.get("/tenants/a/work/stuck");
            trail.await("unresponsive");
            assertEquals(503, client.get("/tenants/b/work/more").read().status());
            trail.add("release");
        }
    }

    @Test
    void isThatOfThePatternForRequestsThatAreUnderHangupByTheirPath() {
        Consumer<HttpRouting.Builder> routes = routing -> routing.get("/legacy/{id}", this::work).get("/new/{id}", this::work);
        try (TestServer server = TestServer.start(hangup -> configured(hangup, 1)
                .addPath(HangupPathConfig.builder().path("/legacy/*").methods(List.of(Method.GET)).build())
                .addPath(HangupPathConfig.builder().path("/new/*").build()), routes);
                RawClient stuck = server.connect();
                RawClient client = server.connect()) {
            stuck.get("/legacy/stuck");
            trail.await("unresponsive");
            assertEquals(503, client.get("/legacy/more").read().status());
            assertEquals("done more", client.get("/new/more").read().text());
            trail.add("release");
            trail.await("unresponsive ended");
            assertEquals("done again", client.get("/legacy/again").read().text());
            assertEquals(List.of("begun stuck", "begun more", "begun again"), begun());
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsNoOtherStreamOfItsConnection(Http2Opening opening) {
        try (TestServer server = TestServer.start(opening::configure, hangup -> configured(hangup, 1), routing -> routing
                .get("/work/{id}", Hangup.cancellable(this::work))
                .get("/other/{id}", Hangup.cancellable(this::work)));
                Http2Client client = opening.connect(server.port())) {
            assertEquals(503, client.answer(client.get("/work/stuck")).status());
            trail.await("unresponsive");
            Http2Client.Answer refused = client.answer(client.get("/work/more"));
            assertEquals(503, refused.status());
            assertEquals("1", refused.headers().get("retry-after"));
            assertTrue(refused.text().contains("cancelled work of this route"), refused.text());
            assertEquals("done more", client.answer(client.get("/other/more")).text());
            trail.add("release");
            trail.await("unresponsive ended");
            assertEquals("done again", client.answer(client.get("/work/again")).text());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd(end -> end.outcome().stopped()).outcome());
        }
    }

    private TestServer start(int bound, Consumer<HttpRouting.Builder> routing) {
        return TestServer.start(hangup -> configured(hangup, bound), routing);
    }

    private HangupConfig.Builder configured(HangupConfig.Builder hangup, int bound) {
        return hangup.unresponsiveAfter(Duration.ofMillis(1)).maxUnresponsive(bound).addListener(new UnresponsiveEvents(trail));
    }

    private List<String> begun() {
        return trail.events().stream().filter(event -> event.startsWith("begun")).toList();
    }

    /** Is stuck if it is asked to; else done at once. */
    private void work(ServerRequest request, ServerResponse response) throws Exception {
        String id = request.path().pathParameters().get("id");
        trail.add("begun " + id);
        if (id.equals("stuck")) {
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("release");
        }
        response.send("done " + id);
    }
}
