package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** Nothing is written on a stream that was reset, and what is not written changes nothing for the others. */
class Http2ResetStreamTest {
    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void answerOfACancellableRoute(Http2Opening opening) {
        writesNothing(opening, "/cancellable");
    }

    @ParameterizedTest
    @EnumSource
    void answerOfABareRoute(Http2Opening opening) {
        writesNothing(opening, "/bare");
    }

    @ParameterizedTest
    @EnumSource
    void streamOfABareRoute(Http2Opening opening) {
        writesNothing(opening, "/stream");
    }

    @ParameterizedTest
    @EnumSource
    void laterAnswersMayHaveTheSameFieldsAndOthers(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            assertFields(client, "before");
            for (String name : List.of("one", "two", "three")) {
                int reset = client.get("/bare?" + name);
                trail.await("waits " + name);
                client.send(Http2Client.reset(reset));
                client.ping();
                trail.add("go " + name);
                trail.await("answered " + name);
                assertFields(client, name);
                assertFields(client, name);
                assertFields(client, "before");
            }
            for (int i = 0; i < 100; i++) {
                assertFields(client, "field" + i);
                assertFields(client, "two");
            }
        }
    }

    /** Before the reset is known to the thread that writes, a part of the answer may have been written. */
    @ParameterizedTest
    @EnumSource
    void answersThatAreResetAtAnyTimeSpoilNoOther(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i < 200; i++) {
                client.send(Http2Client.reset(client.get("/fields?reset" + i % 20)));
                if (i % 10 == 0) {
                    assertFields(client, "reset" + i % 20);
                    assertFields(client, "kept" + i);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void filtersSeeTheStatus(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int bare = client.get("/bare?one");
            trail.await("waits one");
            client.send(Http2Client.reset(bare));
            client.ping();
            trail.add("go one");
            trail.await("filter saw 200");
            int cancellable = client.get("/cancellable?two");
            trail.await("started");
            client.send(Http2Client.reset(cancellable));
            trail.awaitAny(it -> it.matches("filter saw (499|503)"), "status of what was stopped");
        }
    }

    /** Closing Helidon's stream reads, and finds that the stream is over. */
    @ParameterizedTest
    @EnumSource
    void workThatClosesItsBodyThenHasNotThrown(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/closes");
            trail.await("started");
            client.send(Http2Client.reset(id));
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(List.of(), end.thrown());
        }
    }

    @ParameterizedTest
    @EnumSource
    void bareRouteThatSkipsThenIsNotAtFault(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/skips");
            client.send(Http2Client.data(id, new byte[10], false));
            trail.await("skipped 10");
            client.send(Http2Client.reset(id));
            trail.await("RequestOverException");
        }
    }

    private void writesNothing(Http2Opening opening, String path) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.get(path + "?one");
            trail.awaitAny(it -> it.equals("waits one") || it.equals("started"), "work");
            client.send(Http2Client.reset(id));
            client.ping();
            trail.add("go one");
            trail.awaitAny(it -> it.startsWith("filter saw"), "end of the routing");
            assertFields(client, "next");
            assertEquals(0, client.soFar(id).status());
            assertEquals(0, client.soFar(id).body().length);
            assertFalse(client.wasReset(id), "the server has reset it, too");
        }
    }

    private static void assertFields(Http2Client client, String name) {
        Http2Client.Answer answer = client.answer(client.get("/fields?" + name));
        assertEquals(name, answer.headers().get("x-" + name));
        assertEquals("always the same", answer.headers().get("x-constant"));
        assertEquals(name, answer.text());
    }

    private TestServer start(Http2Opening opening) {
        return Http2Work.start(opening, Http2Config.builder().maxRapidResets(-1).buildPrototype(), trail, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.addFilter((chain, request, response) -> {
                    try {
                        chain.proceed();
                    } finally {
                        trail.add("filter saw " + response.status().code());
                    }
                })
                .get("/cancellable", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/bare", (request, response) -> {
                    String name = request.query().rawValue();
                    trail.add("waits " + name);
                    trail.await("go " + name);
                    response.header(HeaderNames.create("x-" + name), name)
                            .header(HeaderNames.create("x-constant"), "always the same")
                            .send(name);
                    trail.add("answered " + name);
                })
                .post("/closes", Hangup.cancellable((request, response) -> {
                    try (InputStream body = request.content().inputStream()) {
                        trail.workUntilInterrupted();
                    }
                }))
                .post("/skips", (request, response) -> {
                    InputStream body = request.content().inputStream();
                    try {
                        for (int skipped = 0;;) {
                            skipped += (int) body.skip(10);
                            trail.add("skipped " + skipped);
                        }
                    } catch (IOException | RuntimeException e) {
                        trail.add(e.getClass().getSimpleName());
                    }
                })
                .get("/stream", (request, response) -> {
                    trail.add("waits one");
                    trail.await("go one");
                    try (OutputStream stream = response.outputStream()) {
                        for (int i = 0; i < 20; i++) {
                            stream.write(new byte[1000]);
                            stream.flush();
                        }
                    }
                })
                .get("/fields", Hangup.cancellable((request, response) -> {
                    String name = request.query().rawValue();
                    response.header(HeaderNames.create("x-" + name), name)
                            .header(HeaderNames.create("x-constant"), "always the same")
                            .send(name);
                }));
    }
}
