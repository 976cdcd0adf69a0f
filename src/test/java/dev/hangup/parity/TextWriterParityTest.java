package dev.hangup.parity;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.helidon.common.GenericType;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.Status;
import io.helidon.http.WritableHeaders;
import io.helidon.http.media.EntityWriter;
import io.helidon.http.media.MediaContext;
import io.helidon.http.media.MediaSupport;
import io.helidon.webserver.WebServerConfig;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import static dev.hangup.parity.Parity.get;
import static dev.hangup.parity.Parity.same;

/** Texts, which are passed to the real response before they are written, and writers of the application for them. */
class TextWriterParityTest {
    @TestFactory
    Stream<DynamicTest> texts() {
        return Stream.of(
                same("in a charset that does not exist", scene -> scene.get((req, res) -> res
                        .header(HeaderNames.CONTENT_TYPE, "text/plain; charset=none").send("text"))),
                same("in a charset that does not exist, then another one", scene -> scene.get((req, res) -> {
                    try {
                        res.header(HeaderNames.CONTENT_TYPE, "text/plain; charset=none").send("text");
                    } catch (IllegalArgumentException e) {
                        scene.note(e);
                        res.header(HeaderNames.CONTENT_TYPE, "text/html").send("other text");
                    }
                })),
                same("after the stream was requested", scene -> scene.get((req, res) -> {
                    res.outputStream();
                    res.send("text");
                })),
                same("with a status that permits none, then a header", scene -> scene.get((req, res) -> {
                    res.status(Status.NO_CONTENT_204).send("text");
                    res.header(Scene.X, "x");
                })),
                same("after headers, with listeners", scene -> scene.get((req, res) -> {
                    scene.beforeSend(res, "before");
                    scene.whenSent(res, "sent");
                    res.header(Scene.X, "x").status(Status.CREATED_201).send("text");
                    scene.note(res.headers().contains(HeaderNames.CONTENT_TYPE));
                })));
    }

    @TestFactory
    Stream<DynamicTest> writersOfTheApplication() {
        return Stream.of(
                written("a stream", stream -> write(stream, "text", true)),
                written("a stream that is not closed", stream -> write(stream, "text", false)),
                written("a long stream", stream -> {
                    for (int i = 0; i < 1000; i++) {
                        write(stream, "a part of a text that does not fit in a buffer", i == 999);
                    }
                }),
                written("fails before the first byte", stream -> {
                    throw new IllegalStateException("fails");
                }),
                written("fails in the buffer", stream -> {
                    write(stream, "text", false);
                    throw new IllegalStateException("fails");
                }),
                written("writes nothing", stream -> { }));
    }

    private static DynamicTest written(String name, Consumer<OutputStream> writer) {
        Consumer<WebServerConfig.Builder> server = config -> config.mediaContext(MediaContext.builder()
                .mediaSupportsDiscoverServices(false)
                .addMediaSupport(new Texts(writer))
                .build());
        return same(name, server, List.of(get("/")), scene -> {
            scene.routing().error(IllegalStateException.class, (req, res, thrown) -> res
                    .status(Status.INTERNAL_SERVER_ERROR_500).send("handled".getBytes(StandardCharsets.US_ASCII)));
            scene.get((req, res) -> res.header(Scene.X, "x").send("text"));
        });
    }

    private static void write(OutputStream stream, String text, boolean close) {
        try {
            stream.write(text.getBytes(StandardCharsets.US_ASCII));
            if (close) {
                stream.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Texts(Consumer<OutputStream> writer) implements MediaSupport {
        @Override
        public <T> WriterResponse<T> writer(GenericType<T> type, Headers request, WritableHeaders<?> response) {
            return type.equals(GenericType.STRING)
                    ? new WriterResponse<>(SupportLevel.SUPPORTED, () -> new Writer<>(writer))
                    : WriterResponse.unsupported();
        }

        @Override
        public String name() {
            return "texts";
        }

        @Override
        public String type() {
            return "texts";
        }
    }

    private record Writer<T>(Consumer<OutputStream> writer) implements EntityWriter<T> {
        @Override
        public void write(GenericType<T> type, T text, OutputStream stream, Headers request, WritableHeaders<?> response) {
            write(type, text, stream, response);
        }

        @Override
        public void write(GenericType<T> type, T text, OutputStream stream, WritableHeaders<?> headers) {
            if (text.equals(Conversation.LAST_WORD)) {
                TextWriterParityTest.write(stream, Conversation.LAST_WORD, true);
            } else {
                writer.accept(stream);
            }
        }
    }
}
