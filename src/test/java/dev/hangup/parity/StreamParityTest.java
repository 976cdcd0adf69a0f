package dev.hangup.parity;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.NotFoundException;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.same;

class StreamParityTest {
    private static final int BUFFER = 4096;

    @TestFactory
    Stream<DynamicTest> sizes() {
        return IntStream.of(0, 1, BUFFER - 1, BUFFER, BUFFER + 1, 2 * BUFFER - 1, 2 * BUFFER, 2 * BUFFER + 1, 100_000)
                .boxed()
                .flatMap(size -> Stream.of(
                        streamed(size + " in one write", stream -> stream.write(Scene.bytes(size))),
                        streamed(size + " byte by byte", stream -> {
                            for (byte b : Scene.bytes(size)) {
                                stream.write(b);
                            }
                        }),
                        streamed(size + " in writes of 1000", stream -> {
                            for (int at = 0; at < size; at += 1000) {
                                stream.write(Scene.bytes(size), at, Math.min(1000, size - at));
                            }
                        }),
                        streamed(size + " after a little", stream -> {
                            stream.write(Scene.bytes("little"));
                            stream.write(Scene.bytes(size));
                        }),
                        streamed(size + " and then a little", stream -> {
                            stream.write(Scene.bytes(size));
                            stream.write(Scene.bytes("little"));
                        })));
    }

    @TestFactory
    Stream<DynamicTest> buffers() {
        return IntStream.of(-1, 0, 1, 100).boxed().flatMap(buffer -> IntStream.of(0, 1, 99, 100, 101, 5000).mapToObj(
                size -> same(size + " in a buffer of " + buffer, server -> server.writeBufferSize(buffer),
                             List.of(Parity.get("/")), scene -> scene.get((req, res) -> {
                                 try (OutputStream stream = res.outputStream()) {
                                     stream.write(Scene.bytes(size));
                                 }
                             }))));
    }

    @TestFactory
    Stream<DynamicTest> calls() {
        return Stream.of(
                streamed("flush before the first write", stream -> {
                    stream.flush();
                    stream.write(Scene.bytes("one"));
                }),
                streamed("flush between", stream -> {
                    stream.write(Scene.bytes("one"));
                    stream.flush();
                    stream.write(Scene.bytes("two"));
                    stream.flush();
                    stream.flush();
                    stream.write(Scene.bytes("three"));
                }),
                streamed("flush at the end", stream -> {
                    stream.write(Scene.bytes("one"));
                    stream.flush();
                }),
                streamed("empty writes", stream -> {
                    for (int i = 0; i < 2 * BUFFER; i++) {
                        stream.write(new byte[0]);
                        stream.flush();
                    }
                    stream.write(Scene.bytes("one"));
                }),
                streamed("write after close", stream -> {
                    stream.write(Scene.bytes("one"));
                    stream.close();
                    stream.write(Scene.bytes("two"));
                }),
                streamed("flush after close", stream -> {
                    stream.write(Scene.bytes("one"));
                    stream.close();
                    stream.flush();
                    stream.close();
                }),
                streamed("much after close", stream -> {
                    stream.write(Scene.bytes("one"));
                    stream.close();
                    stream.write(Scene.bytes(10_000));
                }),
                same("not closed", scene -> scene.get((req, res) -> res.outputStream().write(Scene.bytes("open")))),
                same("not closed, much", scene -> scene.get((req, res) -> res.outputStream().write(Scene.bytes(10_000)))),
                same("asked for and nothing more", scene -> scene.get((req, res) -> res.outputStream())),
                same("asked for twice", scene -> scene.get((req, res) -> {
                    res.outputStream().write(Scene.bytes("one"));
                    res.outputStream().write(Scene.bytes("two"));
                })),
                same("asked for after send()", scene -> scene.get((req, res) -> {
                    scene.beforeSend(res, "handler");
                    res.send("sent");
                    res.outputStream();
                })),
                same("send() after it", scene -> scene.get((req, res) -> {
                    scene.beforeSend(res, "handler");
                    res.outputStream().write(Scene.bytes("one"));
                    res.send("two");
                })),
                same("send() of nothing after it was closed", scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("one"));
                    }
                    res.send();
                })),
                same("what the response says meanwhile", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    scene.note(res.isSent() + " " + res.status().code());
                    stream.write(Scene.bytes(10_000));
                    scene.note(res.isSent() + " " + res.status().code() + " " + res.headers().size());
                    stream.close();
                    scene.note(res.isSent());
                    res.whenSent(() -> scene.note(res.isSent() + " " + res.bytesWritten() + " " + res.headers().size()));
                })));
    }

    @TestFactory
    Stream<DynamicTest> headersAndStatus() {
        return Stream.of(
                same("a header of the request, and one more value, after the stream", Parity.get("/", "Vary: request\r\n"),
                     scene -> scene.get((req, res) -> {
                         OutputStream stream = res.outputStream();
                         res.headers().set(req.headers().get(HeaderNames.VARY));
                         res.headers().add(HeaderNames.VARY, "handler");
                         stream.write(Scene.bytes(10_000));
                     })),
                afterListener("added after the stream and a listener", res -> res.headers().add(HeaderNames.VARY, "handler")),
                afterListener("set after the stream and a listener", res -> res.headers().set(HeaderNames.VARY, "handler")),
                afterListener("set if absent after the stream and a listener", res -> res.headers().setIfAbsent(HeaderValues.create(HeaderNames.VARY, "handler"))),
                afterListener("removed after the stream and a listener", res -> res.headers().remove(HeaderNames.VARY)),
                afterListener("cleared after the stream and a listener", res -> res.headers().clear()),
                afterListener("copied after the stream and a listener", res -> res.headers().from(WritableHeaders.create().set(HeaderNames.VARY, "handler"))),
                afterListener("as a cookie after the stream and a listener", res -> res.headers().addCookie("handler", "1")),
                afterListener("as a cleared cookie after the stream and a listener", res -> res.headers().clearCookie("listener")),
                same("content length set before", scene -> scene.get((req, res) -> {
                    res.contentLength(6);
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("one"));
                        stream.write(Scene.bytes("two"));
                    }
                })),
                same("content length set before, much", scene -> scene.get((req, res) -> {
                    res.contentLength(10_000);
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(5_000));
                        stream.write(Scene.bytes(5_000));
                    }
                })),
                same("content length set after", scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        res.headers().contentLength(3);
                        stream.write(Scene.bytes("one"));
                    }
                })),
                same("content length set after, much", scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        res.headers().contentLength(10_000);
                        stream.write(Scene.bytes(5_000));
                        stream.write(Scene.bytes(5_000));
                    }
                })),
                same("content length set after, and flushed", scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        res.headers().contentLength(6);
                        stream.write(Scene.bytes("one"));
                        stream.flush();
                        stream.write(Scene.bytes("two"));
                    }
                })),
                same("more than the content length", scene -> scene.get((req, res) -> {
                    res.contentLength(3);
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("more"));
                    }
                })),
                same("more than the content length, much", scene -> scene.get((req, res) -> {
                    res.contentLength(3);
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(10_000));
                    }
                })),
                same("chunked asked for", scene -> scene.get((req, res) -> {
                    res.header(HeaderValues.TRANSFER_ENCODING_CHUNKED);
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("one"));
                    }
                })),
                same("chunked asked for after", scene -> scene.get((req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        res.headers().set(HeaderValues.TRANSFER_ENCODING_CHUNKED);
                        stream.write(Scene.bytes("one"));
                    }
                })),
                same("chunked asked for and nothing written", scene -> scene.get((req, res) -> {
                    res.header(HeaderValues.TRANSFER_ENCODING_CHUNKED);
                    res.outputStream().close();
                })),
                same("header() after", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    stream.write(Scene.bytes("one"));
                    res.header(Scene.X, "late");
                })),
                same("headers() after", scene -> scene.get((req, res) -> {
                    res.header(Scene.Y, "early");
                    res.header(HeaderNames.SERVER, "early");
                    var headers = res.headers();
                    OutputStream stream = res.outputStream();
                    headers.set(Scene.X, "late").remove(Scene.Y).set(HeaderNames.SERVER, "late");
                    stream.write(Scene.bytes("one"));
                })),
                same("headers() held, between the first buffer and the first byte", scene -> scene.get((req, res) -> {
                    var headers = res.headers();
                    OutputStream stream = res.outputStream();
                    stream.write(Scene.bytes(BUFFER));
                    headers.set(Scene.X, "late");
                    stream.write(Scene.bytes(BUFFER));
                })),
                same("headers() after the first byte", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    stream.write(Scene.bytes("one"));
                    stream.flush();
                    res.headers().set(Scene.X, "too late");
                    scene.note(res.headers().get(Scene.X).get());
                })),
                same("status() after", scene -> scene.get((req, res) -> {
                    scene.beforeSend(res, "handler");
                    OutputStream stream = res.outputStream();
                    res.status(Status.ACCEPTED_202);
                    stream.write(Scene.bytes("one"));
                })),
                same("status() after the first byte", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    stream.write(Scene.bytes("one"));
                    stream.flush();
                    res.status(Status.ACCEPTED_202);
                    scene.note(res.status().code());
                })),
                same("204 after", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    res.status(Status.NO_CONTENT_204);
                    stream.close();
                })),
                same("listeners registered after", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    scene.beforeSend(res, "late");
                    scene.whenSent(res, "late");
                    stream.write(Scene.bytes("one"));
                })),
                same("stream filter registered after", scene -> scene.get((req, res) -> {
                    OutputStream stream = res.outputStream();
                    stream.write(Scene.bytes("one"));
                    res.streamFilter(scene.marking('l'));
                })),
                same("connection close", scene -> scene.get((req, res) -> {
                    res.header(HeaderValues.CONNECTION_CLOSE);
                    res.outputStream().write(Scene.bytes("one"));
                })));
    }

    @TestFactory
    Stream<DynamicTest> thatThrow() {
        return Stream.of(
                throwing("before any write", stream -> { }),
                throwing("with little in the buffer", stream -> stream.write(Scene.bytes("one"))),
                throwing("with much in the buffer", stream -> stream.write(Scene.bytes(BUFFER - 1))),
                throwing("with the buffer full", stream -> stream.write(Scene.bytes(BUFFER))),
                throwing("with more than the buffer", stream -> stream.write(Scene.bytes(BUFFER + 1))),
                throwing("with two writes, the first of which is not out", stream -> {
                    stream.write(Scene.bytes(BUFFER - 1));
                    stream.write(Scene.bytes(BUFFER - 1));
                }),
                throwing("with the headers out", stream -> {
                    stream.write(Scene.bytes(BUFFER));
                    stream.write(Scene.bytes(BUFFER));
                }),
                throwing("after a flush", stream -> {
                    stream.write(Scene.bytes("one"));
                    stream.flush();
                }),
                throwing("after a flush of nothing", OutputStream::flush),
                throwing("after close", stream -> {
                    stream.write(Scene.bytes("one"));
                    stream.close();
                }),
                same("with listeners that count", scene -> scene.get((req, res) -> {
                    scene.beforeSend(res, "handler");
                    scene.whenSent(res, "handler");
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("one"));
                        throw new NotFoundException("Half");
                    }
                })));
    }

    private static DynamicTest streamed(String name, Writing writing) {
        return same(name, scene -> scene.get((req, res) -> {
            try (OutputStream stream = res.outputStream()) {
                writing.to(stream);
            }
        }));
    }

    private static DynamicTest throwing(String name, Writing writing) {
        return same(name, scene -> scene.get((req, res) -> {
            res.header(Scene.X, "handler").status(Status.ACCEPTED_202);
            writing.to(res.outputStream());
            throw new NotFoundException("Half");
        }));
    }

    private interface Writing {
        void to(OutputStream stream) throws IOException;
    }

    /** The listener of a filter adds headers when the stream is requested, the handler changes them after that. */
    private static DynamicTest afterListener(String name, Consumer<ServerResponse> change) {
        return same(name, scene -> scene
                .filter((chain, req, res) -> {
                    res.beforeSend(() -> res.headers().add(HeaderNames.VARY, "listener").addCookie("listener", "1"));
                    chain.proceed();
                })
                .get((req, res) -> {
                    res.headers().add(HeaderNames.VARY, "before");
                    OutputStream stream = res.outputStream();
                    change.accept(res);
                    stream.write(Scene.bytes(10_000));
                }));
    }
}
