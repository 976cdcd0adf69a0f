package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.internal.carriers.RunningRequests;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webclient.http1.Http1ClientResponse;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerFeature;
import io.helidon.webserver.testing.junit5.DirectClient;
import io.helidon.webserver.testing.junit5.RoutingTest;
import io.helidon.webserver.testing.junit5.SetUpFeatures;
import io.helidon.webserver.testing.junit5.SetUpRoute;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Where a connection is not Hangup's to read, nothing but the notice of departures is missing. */
class UnwatchedTest {
    private static final Trail TRAIL = new Trail();

    private static void routing(HttpRouting.Builder routing) {
        routing.get("/number", Hangup.cancellable(request -> request.query().get("n")))
                .post("/body", Hangup.cancellable((request, response) -> response.send(request.content().as(byte[].class))))
                .get("/holds", Hangup.cancellable(request -> {
                    while (!TRAIL.events().contains("released")) {
                        Thread.onSpinWait();
                    }
                    return "released";
                }))
                .get("/late", Hangup.cancellable(Duration.ofMillis(50), request -> {
                    TRAIL.workUntilInterrupted();
                    return "never";
                }))
                .get("/no-time-left", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    TRAIL.workUntilInterrupted();
                }))
                .get("/failing", Hangup.cancellable(request -> {
                    throw new IllegalStateException("failing");
                }))
                .error(IllegalStateException.class, (request, response, e) -> response.status(500).send("handled"));
    }

    @Nested
    @RoutingTest
    class ByTheDirectClient {
        private final DirectClient client;

        ByTheDirectClient(DirectClient client) {
            this.client = client;
        }

        // not as the demo's configuration has it, which is on the class path of these tests
        @SetUpFeatures(false)
        static List<ServerFeature> features() {
            return List.of(Hangup.create());
        }

        @SetUpRoute
        static void routing(HttpRouting.Builder routing) {
            UnwatchedTest.routing(routing);
        }

        @Test
        void answersAreTheSame() {
            assertEquals("7", client.get("/number").queryParam("n", "7").requestEntity(String.class));
            assertEquals("text", client.post("/body").submit("text", String.class).entity());
        }

        @Test
        void deadlinesHold() {
            try (Http1ClientResponse response = client.get("/late").request()) {
                assertEquals(Status.SERVICE_UNAVAILABLE_503, response.status());
            }
        }

        @Test
        void workThatHasNoTimeLeftIsInterrupted() {
            try (Http1ClientResponse response = client.get("/no-time-left").request()) {
                assertEquals(Status.SERVICE_UNAVAILABLE_503, response.status());
            }
            TRAIL.await("interrupted");
        }
    }

    @Nested
    class BySelectorOfTheUsers {
        private final Trail trail = new Trail();

        @Test
        void workThatHoldsACarrierIsFound() {
            try (TestServer server = server(); RawClient client = server.connect()) {
                client.get("/holds");
                Await.until("its work is found", () -> RunningRequests.holders().stream()
                        .anyMatch(it -> it.request().equals("GET /holds")));
                TRAIL.add("released");
                assertEquals("released", client.read().text());
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
                Await.until("nothing is left of it", () -> RunningRequests.holders().stream()
                        .noneMatch(it -> it.request().equals("GET /holds")));
            }
        }

        @Test
        void answersAreTheSame() {
            try (TestServer server = server(); RawClient client = server.connect()) {
                for (int i = 0; i < 100; i++) {
                    client.get("/number?n=" + i);
                    assertEquals(String.valueOf(i), client.read().text());
                    client.send("POST /body HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\ntext");
                    assertEquals("text", client.read().text());
                    assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
                    assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
                }
            }
        }

        @Test
        void deadlinesHold() {
            try (TestServer server = server(); RawClient client = server.connect()) {
                RawClient.Response response = client.get("/late").read();
                assertEquals(503, response.status());
                assertEquals("application/problem+json", response.headers().get("content-type"));
                assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
                assertEquals(0, client.readToEnd().length);
            }
        }

        @Test
        void anExceptionIsAnsweredByItsHandler() {
            try (TestServer server = server(); RawClient client = server.connect()) {
                assertEquals("handled", client.get("/failing").read().text());
                assertEquals(Outcome.FAILED, server.nextEnd().outcome());
            }
        }

        @Test
        void requestWhoseErrorResponseCannotBeWrittenEnds() {
            assertEndsAfterAReset(routing -> routing.get("/", Hangup.cancellable(request -> {
                workUntilReset();
                throw new HttpException("No", Status.BAD_REQUEST_400);
            })), 400);
        }

        @Test
        void requestWhoseNextHandlerCannotRespondEnds() {
            assertEndsAfterAReset(routing -> routing
                    .get("/", Hangup.cancellable((request, response) -> {
                        workUntilReset();
                        response.next();
                    }))
                    .get("/", (request, response) -> response.send("next")), 200);
        }

        @Test
        void requestThatNobodyRespondsToEnds() {
            assertEndsAfterAReset(routing -> routing
                    .addFilter((chain, request, response) -> {
                        request.context().register(new UnwatchedExchange(true, "peer", Duration.ofMillis(1)));
                        chain.proceed();
                    })
                    .get("/", Hangup.cancellable((request, response) -> {
                        workUntilReset();
                        response.next();
                    }))
                    .get("/", (request, response) -> {
                        throw new CloseConnectionException("The end");
                    }), 0);
        }

        /** The watch delay is over by then, so the request is in flight. */
        private void workUntilReset() {
            trail.add("started");
            trail.await("reset");
        }

        private void assertEndsAfterAReset(Consumer<HttpRouting.Builder> routing, int status) {
            try (TestServer server = TestServer.start(this::select, hangup -> { }, routing); RawClient client = server.connect()) {
                client.get("/");
                trail.await("started");
                Await.until("it is in flight", () -> server.hangup().inFlight().size() == 1);
                client.reset();
                trail.add("reset");
                assertEquals(status, server.nextEnd().status());
                assertEquals(List.of(), server.hangup().inFlight());
            }
        }

        private TestServer server() {
            return TestServer.start(this::select, hangup -> { }, UnwatchedTest::routing);
        }

        private void select(WebServerConfig.Builder server) {
            server.addConnectionSelector(Http1ConnectionSelector.builder().config(Http1Config.create()).build());
        }
    }
}
