package dev.hangup.parity;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import io.helidon.http.HeaderValues;
import io.helidon.http.NotFoundException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http1.Http1Config;

import jakarta.json.JsonObject;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.get;
import static dev.hangup.parity.Parity.post;
import static dev.hangup.parity.Parity.request;
import static dev.hangup.parity.Parity.same;

/** How a request's entity is read, or not; and what becomes of the connection. */
class RequestParityTest {
    private static final String MUCH = new String(Scene.bytes(300_000), StandardCharsets.US_ASCII);
    private static final String CHUNKED = request("POST", "/", "Transfer-Encoding: chunked\r\n")
            + "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    private static final Handler ECHO = (req, res) -> res.send(req.content().as(String.class));
    private static final Handler IGNORES = (req, res) -> res.send("ignored");
    private static final Handler THROWS = (req, res) -> {
        throw new NotFoundException("Nothing");
    };

    @TestFactory
    Stream<DynamicTest> read() {
        return Stream.of(
                same("as a string", post("entity"), scene -> scene.post(ECHO)),
                same("as bytes", post("entity"), scene -> scene.post((req, res) -> res.send(req.content().as(byte[].class)))),
                same("as JSON", post("{\"a\": 1}", "Content-Type: application/json\r\n"),
                     scene -> scene.post((req, res) -> res.send(req.content().as(JsonObject.class)))),
                same("as JSON that is broken", post("{\"a\": ", "Content-Type: application/json\r\n"),
                     scene -> scene.post((req, res) -> res.send(req.content().as(JsonObject.class)))),
                same("as what nobody can read", post("entity"),
                     scene -> scene.post((req, res) -> res.send(req.content().as(Thread.class)))),
                same("through the stream", post(MUCH), scene -> scene.post((req, res) -> {
                    try (InputStream in = req.content().inputStream(); var out = res.outputStream()) {
                        // in one: how much a read finds is chance
                        out.write(in.readAllBytes());
                    }
                })),
                same("chunked", CHUNKED, scene -> scene.post(ECHO)),
                same("chunked, through the stream", CHUNKED, scene -> scene.post((req, res) -> {
                    try (InputStream in = req.content().inputStream(); var out = res.outputStream()) {
                        for (int b = in.read(); b >= 0; b = in.read()) {
                            out.write(b);
                        }
                    }
                })),
                // where chunks are broken, ChunkFramingTest shows what is different
                same("twice", post("entity"), scene -> scene.post((req, res) -> res.send(
                        req.content().as(String.class) + req.content().as(String.class)))),
                same("twice, buffered", post("entity"), scene -> scene.post((req, res) -> {
                    req.content().buffer();
                    res.send(req.content().as(String.class) + req.content().as(String.class));
                })),
                same("half", post(MUCH), scene -> scene.post((req, res) -> {
                    req.content().inputStream().readNBytes(1000);
                    res.send("half");
                })),
                same("after the answer", post("entity"), scene -> scene.post((req, res) -> {
                    res.send("first");
                    scene.note(req.content().as(String.class));
                })),
                same("by a filter", post("entity"), scene -> scene
                        .filter((chain, req, res) -> {
                            req.content().buffer();
                            scene.note(req.content().as(String.class));
                            chain.proceed();
                        })
                        .post(ECHO)),
                same("by an error handler", post("entity"), scene -> scene.post(THROWS).routing()
                        .error(NotFoundException.class, (req, res, e) -> res.send(req.content().as(String.class)))),
                same("by the next handler", post("entity"), scene -> scene
                        .post((req, res) -> res.next())
                        .post(ECHO)),
                same("that is not there", get("/"), scene -> scene.get((req, res) -> res.send(
                        req.content().hasEntity() + req.content().as(String.class)))),
                same("too large", server -> server.maxPayloadSize(10), List.of(post("more than ten bytes")),
                     scene -> scene.post(ECHO)),
                same("too large and chunked", server -> server.maxPayloadSize(10), List.of(CHUNKED),
                     scene -> scene.post(ECHO)));
    }

    @TestFactory
    Stream<DynamicTest> unread() {
        return Stream.of(
                same("little", post("entity"), scene -> scene.post(IGNORES)),
                same("much", post(MUCH), scene -> scene.post(IGNORES)),
                same("chunked", CHUNKED, scene -> scene.post(IGNORES)),
                same("by a handler that throws", post("entity"), scene -> scene.post(THROWS)),
                same("by a handler that throws a RuntimeException", post("entity"), scene -> scene.post((req, res) -> {
                    throw new IllegalStateException("Nothing");
                })),
                same("by nobody", post("entity"), scene -> scene.get(IGNORES)));
    }

    @TestFactory
    Stream<DynamicTest> expectContinue() {
        String head = request("POST", "/", "Content-Length: 6\r\n", "Expect: 100-continue\r\n");
        return Stream.of(
                same("read", server -> { }, List.of(head, "entity"), scene -> scene.post(ECHO)),
                // where it is not read, UnreadBodyTest shows what is different
                same("at once", server -> server.addProtocol(Http1Config.builder().continueImmediately(true).build()),
                     List.of(head, "entity"), scene -> scene.post(IGNORES)));
    }

    @TestFactory
    Stream<DynamicTest> connection() {
        return Stream.of(
                same("close asked for", get("/", "Connection: close\r\n"), scene -> scene.get(IGNORES)),
                same("close asked for, streamed", get("/", "Connection: close\r\n"),
                     scene -> scene.get((req, res) -> res.outputStream().write('x'))),
                same("close asked for, and thrown", get("/", "Connection: close\r\n"), scene -> scene.get(THROWS)),
                same("close answered", scene -> scene.get((req, res) -> res.header(HeaderValues.CONNECTION_CLOSE).send("x"))),
                same("pipelined", get("/") + get("/?2") + get("/?3"), scene -> scene.get((req, res) -> res
                        .send("answer " + req.query().rawValue()))),
                same("pipelined after an entity", post("entity") + post("entity two"), scene -> scene.post(ECHO)),
                same("pipelined after an unread entity", post("entity") + post("entity two"), scene -> scene.post(IGNORES)),
                same("pipelined after an exception", get("/") + get("/"), scene -> scene.get(THROWS)),
                same("upgrade asked for", get("/", "Connection: Upgrade\r\n", "Upgrade: nothing\r\n"),
                     scene -> scene.get(IGNORES)));
    }
}
