package dev.hangup.parity;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.helidon.common.GenericType;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.SetCookie;
import io.helidon.http.Status;
import io.helidon.webserver.http.spi.Sink;

import jakarta.json.Json;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.get;
import static dev.hangup.parity.Parity.request;
import static dev.hangup.parity.Parity.same;

class SendParityTest {
    @TestFactory
    Stream<DynamicTest> entities() {
        return Stream.of(
                same("nothing", scene -> scene.get((req, res) -> res.send())),
                same("a string", scene -> scene.get((req, res) -> res.send("text äöü"))),
                same("a string in another charset", scene -> scene.get((req, res) -> res
                        .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=ISO-8859-1").send("text äöü"))),
                same("bytes", scene -> scene.get((req, res) -> res.send(Scene.bytes("bytes")))),
                same("some of the bytes", scene -> scene.get((req, res) -> res.send(Scene.bytes("bytes"), 1, 3))),
                same("bytes as an object", scene -> scene.get((req, res) -> res.send((Object) Scene.bytes("bytes")))),
                same("JSON", scene -> scene.get((req, res) -> res.send(Json.createObjectBuilder().add("a", 1).build()))),
                same("JSON, much", scene -> scene.get((req, res) -> res.send(Json.createArrayBuilder(
                        IntStream.range(0, 5000).boxed().toList()).build()))),
                same("JSON of a known length", scene -> scene.get((req, res) -> {
                    res.contentLength(7);
                    res.send(Json.createObjectBuilder().add("a", 1).build());
                })),
                same("a content type that was asked for", get("/", "Accept: application/json\r\n"), scene -> scene
                        .get((req, res) -> res.send(Json.createObjectBuilder().add("a", 1).build()))),
                same("more than the memory is for", server -> server.maxInMemoryEntity(10), List.of(get("/")),
                     scene -> scene.get((req, res) -> res.send("much more than ten bytes"))),
                same("what nobody can write", scene -> scene.get((req, res) -> res.header(Scene.X, "x").send(new Thread()))),
                same("a map, that nobody can write", scene -> scene.get((req, res) -> res.send(Map.of("a", 1)))),
                same("an optional", scene -> scene.get((req, res) -> res.send(Optional.of("there")))),
                same("an empty optional", scene -> scene.get((req, res) -> res.send(Optional.empty()))),
                same("much", scene -> scene.get((req, res) -> res.send(new String(Scene.bytes(300_000),
                                                                                  StandardCharsets.US_ASCII)))),
                same("nothing at all", scene -> scene.get((req, res) -> res.status(Status.ACCEPTED_202).header(Scene.X, "x"))),
                same("twice", scene -> scene.get((req, res) -> {
                    res.send("one");
                    res.send("two");
                })),
                same("a sink that nobody provides", scene -> scene.get((req, res) -> res.sink(
                        GenericType.<Sink<String>>create(Sink.class)))));
    }

    @TestFactory
    Stream<DynamicTest> statuses() {
        return IntStream.of(200, 204, 205, 304, 299, 404, 500, 599).boxed().flatMap(code -> Stream.of(
                same(code + " and nothing", scene -> scene.get((req, res) -> res.status(code).send())),
                same(code + " with an entity", scene -> scene.get((req, res) -> res.status(code).send("entity"))),
                // Helidon's message has an object's hash in it
                same(code + " with a stream", scene -> scene.get((req, res) -> {
                    try (var stream = res.status(code).outputStream()) {
                        stream.write(Scene.bytes("entity"));
                    }
                }).routing().error(IllegalStateException.class, (req, res, e) -> res.status(500).send("refused"))),
                same(code + " with an empty stream", scene -> scene.get((req, res) -> res.status(code).outputStream().close())),
                same(code + " and then a content length", scene -> scene.get((req, res) -> {
                    res.status(code);
                    res.contentLength(6);
                    res.send("entity");
                })),
                same(code + " after a content length", scene -> scene.get((req, res) -> {
                    res.contentLength(6);
                    res.status(code);
                    res.send("entity");
                })),
                same(code + " and then another", scene -> scene.get((req, res) -> {
                    res.status(code);
                    scene.note(res.headers());
                    res.status(Status.CREATED_201).send("entity");
                })),
                same(code + " set by a filter", scene -> scene
                        .filter((chain, req, res) -> {
                            res.status(code);
                            chain.proceed();
                        })
                        .get((req, res) -> res.send())),
                same(code + " to HEAD", request("HEAD", "/"), scene -> scene.routing()
                        .any("/", scene.variant().handler((req, res) -> res.status(code).send())))));
    }

    @TestFactory
    Stream<DynamicTest> head() {
        String head = request("HEAD", "/");
        return Stream.of(
                same("of nothing", head, scene -> scene.routing()
                        .head("/", scene.variant().handler((req, res) -> res.send()))),
                same("with a content length", head, scene -> scene.routing().head("/", scene.variant().handler((req, res) -> {
                    res.contentLength(100);
                    res.send();
                }))),
                same("without a handler of its own", head, scene -> scene.get((req, res) -> res.send("entity"))),
                same("with a stream", head, scene -> scene.routing()
                        .head("/", scene.variant().handler((req, res) -> res.outputStream().close()))));
    }

    @TestFactory
    Stream<DynamicTest> headers() {
        return Stream.of(
                same("many, in an order of their own", scene -> scene.get((req, res) -> {
                    for (int i = 0; i < 40; i++) {
                        res.header("X-" + i * 7919, "v" + i);
                    }
                    res.headers().remove(HeaderNames.create("X-0"));
                    res.send();
                })),
                same("several values", scene -> scene.get((req, res) -> {
                    res.headers().add(HeaderValues.create(Scene.X, "1", "2")).add(Scene.X, "3").setIfAbsent(
                            HeaderValues.create(Scene.X, "4"));
                    res.send(res.headers().get(Scene.X).allValues().toString());
                })),
                same("cookies", scene -> scene.get((req, res) -> {
                    res.headers().addCookie("one", "1").addCookie(SetCookie.create("two", "2")).clearCookie("one");
                    res.send();
                })),
                same("of a filter, changed by the handler", scene -> scene
                        .filter((chain, req, res) -> {
                            res.header(Scene.X, "filter").header(Scene.Y, "filter");
                            res.headers().addCookie("filter", "1");
                            chain.proceed();
                            scene.note(res.headers().contains(Scene.X) + " " + res.headers().get(Scene.Y));
                        })
                        .get((req, res) -> {
                            res.headers().remove(Scene.X).add(Scene.Y, "handler").addCookie("handler", "1");
                            res.send();
                        })),
                same("held by a filter", scene -> scene
                        .filter((chain, req, res) -> {
                            var held = res.headers();
                            res.beforeSend(() -> held.add(Scene.X, "filter"));
                            chain.proceed();
                            scene.note(held.values(Scene.X));
                        })
                        .get((req, res) -> {
                            var held = res.headers();
                            res.beforeSend(() -> held.add(Scene.X, "handler"));
                            res.send();
                            scene.note(held.values(Scene.X));
                        })),
                same("a date of its own", scene -> scene.get((req, res) -> res.header(HeaderNames.DATE, "today").send("x"))),
                same("after send()", scene -> scene.get((req, res) -> {
                    res.send("one");
                    res.header(Scene.X, "late");
                })),
                same("status after send()", scene -> scene.get((req, res) -> {
                    res.send("one");
                    res.status(Status.ACCEPTED_202);
                })),
                same("an invalid value", scene -> scene.get((req, res) -> res.header(Scene.X, "a\nb").send("one"))),
                same("a wrong content length, streamed", scene -> scene.get((req, res) -> {
                    res.contentLength(2);
                    res.outputStream().write(Scene.bytes("more"));
                })),
                same("a content length that is too small", scene -> scene.get((req, res) -> {
                    res.contentLength(2);
                    res.send("more");
                })),
                same("the content length of what is sent", scene -> scene.get((req, res) -> {
                    res.contentLength(4);
                    res.send("more");
                })),
                same("transfer encoding asked for", scene -> scene.get((req, res) -> res
                        .header(HeaderValues.TRANSFER_ENCODING_CHUNKED).send("chunk"))));
    }
}
