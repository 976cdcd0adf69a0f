package dev.hangup.parity;

import java.io.OutputStream;
import java.util.stream.Stream;

import io.helidon.http.HeaderNames;
import io.helidon.http.NotFoundException;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.get;
import static dev.hangup.parity.Parity.same;

class TrailerParityTest {
    private static final String GET_TE = get("/", "TE: trailers\r\n");

    @TestFactory
    Stream<DynamicTest> trailers() {
        return Stream.of(
                same("none, though the client would take them", GET_TE, scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                    }
                })),
                same("set before the stream", GET_TE, scene -> scene.get((req, res) -> {
                    res.trailers().set(Scene.X, "trailer");
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                    }
                })),
                same("set after the stream", GET_TE, scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                        res.trailers().set(Scene.X, "trailer");
                    }
                })),
                same("expected among other codings", get("/", "TE: gzip;q=0.5, trailers\r\n"), scene -> scene.get((req, res) -> {
                    res.trailers().set(Scene.X, "trailer");
                    res.outputStream().write(Scene.bytes(10_000));
                })),
                same("expected in capitals", get("/", "TE: Trailers\r\n"), scene -> scene.get((req, res) -> {
                    res.trailers().set(Scene.X, "trailer");
                    res.outputStream().write(Scene.bytes(10_000));
                })),
                same("held and set after", GET_TE, scene -> scene.get((req, res) -> {
                    var trailers = res.trailers();
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                        trailers.set(Scene.X, "trailer").add(Scene.X, "too");
                        scene.note(res.trailers().get(Scene.X).allValues());
                    }
                })),
                same("of a small stream", GET_TE, scene -> scene.get((req, res) -> {
                    res.trailers().set(Scene.X, "trailer");
                    res.outputStream().write(Scene.bytes("small"));
                })),
                same("announced", scene -> scene.get((req, res) -> {
                    res.header(HeaderNames.TRAILER, Scene.X.defaultCase());
                    res.trailers().set(Scene.X, "trailer");
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                    }
                })),
                same("announced, and sent in one", scene -> scene.get((req, res) -> {
                    res.header(HeaderNames.TRAILER, Scene.X.defaultCase());
                    res.trailers().set(Scene.X, "trailer");
                    res.send("in one");
                })),
                same("announced, and not asked for after all", scene -> scene.get((req, res) -> {
                    res.header(HeaderNames.TRAILER, Scene.X.defaultCase());
                    res.trailers().set(Scene.X, "trailer");
                    res.headers().remove(HeaderNames.TRAILER);
                    res.send("in one");
                })),
                same("announced after the stream was asked for", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    res.headers().set(HeaderNames.TRAILER, Scene.X.defaultCase());
                    res.trailers().set(Scene.X, "trailer");
                    stream.write(Scene.bytes(10_000));
                })),
                same("neither announced nor asked for", scene -> scene.get((req, res) -> {
                    res.trailers().set(Scene.X, "trailer");
                    res.send("in one");
                })),
                same("computed at the last moment", GET_TE, scene -> scene.get((req, res) -> {
                    res.beforeTrailers(trailers -> trailers.set(Scene.X, "computed " + trailers.size()));
                    res.trailers().set(Scene.Y, "set");
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                    }
                })),
                same("computed, but registered too late", GET_TE, scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        res.beforeTrailers(trailers -> trailers.set(Scene.X, "computed"));
                        stream.write(Scene.bytes(10_000));
                    }
                })),
                same("computed by a filter", GET_TE, scene -> scene
                        .filter((chain, req, res) -> {
                            res.beforeTrailers(trailers -> trailers.set(Scene.X, "filter"));
                            res.trailers().set(Scene.Y, "filter");
                            chain.proceed();
                        })
                        .get((req, res) -> res.outputStream().write(Scene.bytes(10_000)))),
                same("computed by a filter and by the handler", GET_TE, scene -> scene
                        .filter((chain, req, res) -> {
                            res.beforeTrailers(trailers -> trailers.set(Scene.X, "filter"));
                            chain.proceed();
                        })
                        .get((req, res) -> {
                            res.beforeTrailers(trailers -> trailers.set(Scene.Y, "handler"));
                            res.outputStream().write(Scene.bytes(10_000));
                        })),
                same("set before an error", GET_TE, scene -> scene.get((req, res) -> {
                    res.trailers().set(Scene.X, "trailer");
                    res.outputStream().write(Scene.bytes("half"));
                    throw new NotFoundException("Nothing");
                })));
    }

    @TestFactory
    Stream<DynamicTest> result() {
        return Stream.of(
                same("before the stream", GET_TE, scene -> scene.get((req, res) -> {
                    res.streamResult("fine");
                    res.outputStream().write(Scene.bytes(10_000));
                })),
                same("of a small stream", GET_TE, scene -> scene.get((req, res) -> {
                    res.outputStream().write(Scene.bytes("small"));
                    res.streamResult("fine");
                })),
                same("of a large stream", GET_TE, scene -> scene.get((req, res) -> {
                    res.outputStream().write(Scene.bytes(10_000));
                    res.streamResult("fine");
                })),
                same("in the middle", GET_TE, scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    stream.write(Scene.bytes(10_000));
                    res.streamResult("half");
                    stream.write(Scene.bytes("more"));
                })),
                same("nobody asked for", scene -> scene.get((req, res) -> {
                    res.outputStream().write(Scene.bytes("small"));
                    res.streamResult("fine");
                })));
    }
}
