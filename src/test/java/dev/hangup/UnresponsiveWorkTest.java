package dev.hangup;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** Work that goes on when it was interrupted: its client has the whole 503 all the same, and nothing else. */
class UnresponsiveWorkTest {
    private final Trail trail = new Trail();

    static Stream<Named<Handler>> lateAnswers() {
        return Stream.of(
                Named.of("sends", (request, response) -> response.send("late")),
                Named.of("sends a status", (request, response) -> response.status(Status.CREATED_201).send("late")),
                Named.of("sets headers and sends", (request, response) -> {
                    response.headers().contentLength(3);
                    response.header("Set-Cookie", "late=1").send("abc");
                }),
                Named.of("streams", (request, response) -> {
                    try (OutputStream stream = response.outputStream()) {
                        for (int i = 0; i < 1000; i++) {
                            stream.write(new byte[1000]);
                            stream.flush();
                        }
                    }
                }),
                Named.of("streams on when writing fails", (request, response) -> {
                    OutputStream stream = response.outputStream();
                    for (int i = 0; i < 100; i++) {
                        try {
                            stream.write(new byte[100_000]);
                        } catch (IOException e) {
                            // unresponsive
                        }
                    }
                    stream.close();
                }),
                Named.of("throws", (request, response) -> {
                    throw new IllegalStateException("late");
                }),
                Named.of("throws an error", (request, response) -> {
                    throw new StackOverflowError("late");
                }),
                Named.of("leaves it to the next", (request, response) -> response.next()),
                Named.of("reads a body that is not there", (request, response) -> response.send(
                        request.content().as(String.class))));
    }

    @ParameterizedTest
    @MethodSource("lateAnswers")
    void clientHasItsAnswerBeforeAndNothingAfter(Handler late) {
        try (Logged trouble = Logged.trouble("io.helidon");
                TestServer server = TestServer.start(routing -> unresponsive(routing, late));
                RawClient client = server.connect()) {
            client.get("/work");
            assertEquals(503, client.read().status());
            trail.add("answered");
            assertEquals("", new String(client.readToEndAfter(() -> trail.add("release"))));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertFalse(trail.events().contains("never released"));
            server.close();
            assertEquals(0, server.endsLeft());
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Test
    void doesNotHoldBackAnAnswerThatAFilterLooksAt() {
        try (TestServer server = TestServer.start(routing -> unresponsive(routing, (request, response) -> response.send("late"))
                .addFilter((chain, request, response) -> {
                    response.streamFilter(stream -> stream);
                    chain.proceed();
                }));
                RawClient client = server.connect()) {
            client.get("/work");
            assertEquals(503, client.read().status());
            assertEquals("", new String(client.readToEndAfter(() -> trail.add("release"))));
        }
    }

    @Test
    void isNotFollowedByThePipelinedRequest() {
        try (TestServer server = TestServer.start(routing -> unresponsive(routing, (request, response) -> response.send("late"))
                .get("/next", (request, response) -> {
                    trail.add("next ran");
                    response.send("next");
                }));
                RawClient client = server.connect()) {
            client.send("GET /work HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals(503, client.read().status());
            client.get("/next");
            assertEquals("", new String(client.readToEndAfter(() -> trail.add("release"))));
            server.nextEnd();
            assertFalse(trail.events().contains("next ran"));
        }
    }

    @Test
    void asksForNoBodyWhenItHasLost() {
        try (TestServer server = TestServer.start(routing -> routing.post("/work", readingLate()));
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
            assertEquals(503, client.read().status());
            assertEquals("", new String(client.readToEndAfter(() -> trail.add("release"))));
            trail.await("tried to read");
        }
    }

    @Test
    void readsNothingWhenItHasLost() {
        try (TestServer server = TestServer.start(routing -> routing.post("/work", readingLate()));
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
            assertEquals(503, client.read().status());
            client.send("67890");
            assertEquals("", new String(client.readToEndAfter(() -> trail.add("release"))));
            trail.await("tried to read");
            assertFalse(trail.events().contains("read"));
        }
    }

    @Test
    void isAnsweredWithoutABodyToHead() {
        try (TestServer server = TestServer.start(routing -> routing.any("/work", Hangup.cancellable((req, res) -> {
            Time.isUp(req, res);
            trail.ignoreInterruptsUntil("release");
            res.send("late");
        }))); RawClient client = server.connect()) {
            client.send("HEAD /work HTTP/1.1\r\nHost: a\r\n\r\n");
            assertEquals("HTTP/1.1 503 Service Unavailable", client.readHead().split("\r\n")[0]);
            assertEquals("", new String(client.readToEndAfter(() -> trail.add("release"))));
        }
    }

    @Test
    void answerIsNotTornByWhatFiltersHadSaidOfTheBody() {
        try (TestServer server = TestServer.start(routing -> unresponsive(routing, (request, response) -> response.send("late"))
                .addFilter((chain, request, response) -> {
                    response.status(Status.NO_CONTENT_204);
                    response.header("Trailer", "x");
                    response.header("X-Filter", "stays");
                    chain.proceed();
                }));
                RawClient client = server.connect()) {
            client.get("/work");
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertEquals(String.valueOf(response.body().length), response.headers().get("content-length"));
            assertEquals("stays", response.headers().get("x-filter"));
            assertEquals("", new String(client.readToEndAfter(() -> trail.add("release"))));
        }
    }

    private HttpRouting.Builder unresponsive(HttpRouting.Builder routing, Handler late) {
        return routing.get("/work", Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("release");
            late.handle(request, response);
        }));
    }

    private Handler readingLate() {
        return Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("release");
            try {
                request.content().as(String.class);
                trail.add("read");
            } finally {
                trail.add("tried to read");
            }
        });
    }
}
