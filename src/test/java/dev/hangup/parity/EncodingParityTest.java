package dev.hangup.parity;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.hangup.testing.Encoding;

import io.helidon.http.HeaderNames;
import io.helidon.http.NotFoundException;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Content encodings: gzip, which is as Helidon's own, and one that shows each call. */
class EncodingParityTest {
    @TestFactory
    Stream<DynamicTest> encoded() {
        return Stream.of("gzip", "shout").flatMap(encoding -> Stream.of(
                encoded(encoding, "send", (req, res) -> res.send("entity")),
                encoded(encoding, "send nothing", (req, res) -> res.send()),
                encoded(encoding, "stream", (req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("one"));
                        stream.write('2');
                    }
                }),
                encoded(encoding, "stream, flushed", (req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        stream.flush();
                        stream.write(Scene.bytes("one"));
                        stream.flush();
                        stream.write('2');
                    }
                }),
                encoded(encoding, "stream, much", (req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes(100_000));
                    }
                }),
                encoded(encoding, "empty stream", (req, res) -> res.outputStream().close()),
                encoded(encoding, "stream not closed", (req, res) -> res.outputStream().write(Scene.bytes("one"))),
                encoded(encoding, "encoded by the handler", (req, res) -> {
                    res.header(HeaderNames.CONTENT_ENCODING, "own");
                    res.outputStream().write(Scene.bytes("one"));
                }),
                encoded(encoding, "encoded by the handler, said too late", (req, res) -> {
                    try (OutputStream stream = res.outputStream()) {
                        res.headers().set(HeaderNames.CONTENT_ENCODING, "own");
                        stream.write(Scene.bytes("one"));
                    }
                }),
                encoded(encoding, "content length set before", (req, res) -> {
                    res.contentLength(3);
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("one"));
                    }
                }),
                encoded(encoding, "exception", (req, res) -> {
                    throw new NotFoundException("Nothing");
                }),
                encoded(encoding, "stream that throws", (req, res) -> {
                    res.outputStream().write(Scene.bytes("half"));
                    throw new NotFoundException("Nothing");
                }),
                encoded(encoding, "stream that throws, answered without an entity", (req, res) -> {
                    res.outputStream().write(Scene.bytes("half"));
                    throw new IllegalStateException();
                }),
                encoded(encoding, "stream that throws after a flush", (req, res) -> {
                    OutputStream stream = res.outputStream();
                    stream.write(Scene.bytes("half"));
                    stream.flush();
                    throw new NotFoundException("Nothing");
                })));
    }

    @TestFactory
    Stream<DynamicTest> withFilters() {
        return Stream.of("gzip", "shout").flatMap(encoding -> Stream.of(
                with(encoding, "filter of a stream", scene -> scene.get((req, res) -> {
                    res.streamFilter(scene.marking('f'));
                    try (OutputStream stream = res.outputStream()) {
                        stream.write(Scene.bytes("one"));
                    }
                })),
                with(encoding, "filter of an entity", scene -> scene.get((req, res) -> {
                    res.streamFilter(scene.marking('f'));
                    res.send("entity");
                })),
                with(encoding, "listener sees the encoding", scene -> scene.get((req, res) -> {
                    scene.beforeSend(res, "handler");
                    res.beforeSend(() -> scene.note(res.headers().contains(HeaderNames.CONTENT_ENCODING)));
                    res.whenSent(() -> scene.note(res.headers().get(HeaderNames.CONTENT_ENCODING)));
                    res.outputStream().write(Scene.bytes("one"));
                }))));
    }

    private static DynamicTest encoded(String encoding, String name, Handler handler) {
        return with(encoding, name, scene -> scene.get(handler));
    }

    private static DynamicTest with(String encoding, String name, Consumer<Scene> scene) {
        ContentEncodingContext encodings = ContentEncodingContext.builder()
                .contentEncodingsDiscoverServices(false)
                .addContentEncoding(Encoding.GZIP)
                .addContentEncoding(new Encoding("shout", Shouting::new))
                .build();
        return Parity.same(encoding + ": " + name, server -> server.contentEncoding(encodings),
                           List.of(Parity.get("/", "Accept-Encoding: " + encoding + "\r\n")), scene);
    }

    /** Shows what it is called with. */
    private static final class Shouting extends FilterOutputStream {
        Shouting(OutputStream stream) throws IOException {
            super(stream);
            stream.write('<');
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write('[');
            out.write(bytes, offset, length);
            out.write(']');
        }

        @Override
        public void close() throws IOException {
            out.write('>');
            super.close();
        }
    }
}
