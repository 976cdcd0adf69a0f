package dev.hangup.parity;

import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;

import dev.hangup.Hangup;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** When nothing is stopped, a request under Hangup is answered over HTTP/2 as on plain Helidon. */
class Http2ParityTest {
    static List<Case> cases() {
        return List.of(
                new Case("bytes", (request, response) -> response.send(new byte[70_000])),
                new Case("nothing", (request, response) -> response.send()),
                new Case("no content", (request, response) -> response.status(Status.NO_CONTENT_204).send()),
                new Case("not found", (request, response) -> response.status(404).send("none")),
                new Case("neither sent nor nexted", (request, response) -> { }),
                new Case("next", (request, response) -> response.header("X-From", "first").next()),
                new Case("exception", (request, response) -> {
                    throw new IllegalStateException("broken");
                }),
                new Case("exception after headers", (request, response) -> {
                    response.header("X-Lost", "yes").status(201);
                    throw new IllegalStateException("broken");
                }),
                new Case("stream without a write", (request, response) -> response.outputStream().close()),
                new Case("stream of one write", (request, response) -> write(response.outputStream(), 1, 10)),
                new Case("stream of one large write", (request, response) -> write(response.outputStream(), 1, 200_000)),
                new Case("stream of many writes", (request, response) -> write(response.outputStream(), 300, 777)),
                new Case("stream with a length", (request, response) -> {
                    response.header(HeaderNames.CONTENT_LENGTH, "20");
                    write(response.outputStream(), 2, 10);
                }),
                new Case("flushes", (request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.flush();
                    stream.write(1);
                    stream.flush();
                    stream.write(2);
                    stream.close();
                }),
                new Case("trailers", (request, response) -> {
                    response.header(HeaderNames.TRAILER, "x-sum");
                    OutputStream stream = response.outputStream();
                    stream.write(new byte[100]);
                    stream.write(new byte[100]);
                    response.trailers().set(HeaderNames.create("x-sum"), "200");
                    stream.close();
                }),
                new Case("trailers after one write", (request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(new byte[100]);
                    response.trailers().set(HeaderNames.create("x-sum"), "100");
                    stream.close();
                }),
                new Case("trailers after the stream", (request, response) -> {
                    response.header(HeaderNames.TRAILER, "x-other");
                    OutputStream stream = response.outputStream();
                    response.trailers().set(HeaderNames.create("x-sum"), "0");
                    stream.close();
                }),
                new Case("headers after the stream", (request, response) -> {
                    OutputStream stream = response.outputStream();
                    response.headers().add(HeaderNames.VARY, "handler");
                    stream.write(new byte[100]);
                    stream.write(new byte[100]);
                }),
                new Case("echo", (request, response) -> response.send(request.content().as(byte[].class))),
                new Case("before send", (request, response) -> response
                        .beforeSend(() -> response.headers().set(HeaderNames.create("x-listened"), "yes"))
                        .send("heard")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersAreTheSame(Case it) {
        assertSame(it);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answersToClientsThatExpectTrailersAreTheSame(Case it) {
        assertSame(it, "te", "trailers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/plain", "/cancellable"})
    void flushOfAnEmptyWriteSendsTheHeaders(String path) {
        Trail trail = new Trail();
        Handler handler = (request, response) -> {
            OutputStream stream = response.outputStream();
            stream.write(new byte[0]);
            stream.flush();
            trail.await("headers");
            stream.write(new byte[10]);
        };
        try (TestServer server = TestServer.start(routing -> routes(routing, handler));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post(path);
            assertEquals(200, client.begin(id).status());
            trail.add("headers");
            client.send(Http2Client.data(id, new byte[0], true));
            assertEquals(10, client.answer(id).body().length);
        }
    }

    private static void assertSame(Case it, String... headers) {
        try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon");
                TestServer server = TestServer.start(routing -> routes(routing, it.handler()));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            Http2Client.Answer plain = ask(client, "/plain", headers);
            Http2Client.Answer cancellable = ask(client, "/cancellable", headers);
            assertEquals(plain.status(), cancellable.status());
            assertEquals(withoutDate(plain.headers()), withoutDate(cancellable.headers()));
            assertArrayEquals(plain.body(), cancellable.body());
        }
    }

    private static Http2Client.Answer ask(Http2Client client, String path, String... headers) {
        int id = client.post(path, headers);
        client.send(Http2Client.data(id, "something".getBytes(), true));
        return client.answer(id);
    }

    private static void routes(HttpRouting.Builder routing, Handler handler) {
        routing.addFilter((chain, request, response) -> {
                    response.beforeSend(() -> response.headers().add(HeaderNames.VARY, "listener"));
                    chain.proceed();
                })
                .post("/plain", handler)
                .post("/cancellable", Hangup.cancellable(handler))
                .any((request, response) -> response.send("the next one"));
    }

    private static Map<String, String> withoutDate(Map<String, String> headers) {
        Map<String, String> others = new TreeMap<>(headers);
        others.remove("date");
        return others;
    }

    private static void write(OutputStream stream, int times, int bytes) throws Exception {
        for (int i = 0; i < times; i++) {
            stream.write(new byte[bytes]);
        }
        stream.close();
    }

    record Case(String name, Handler handler) {
        @Override
        public String toString() {
            return name;
        }
    }
}
