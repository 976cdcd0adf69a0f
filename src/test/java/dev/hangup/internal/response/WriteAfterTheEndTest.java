package dev.hangup.internal.response;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.sse.Event;
import dev.hangup.sse.EventStream;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** However it writes, work that ignores its interrupt gets an exception once its request is over: it cannot write for ever. */
class WriteAfterTheEndTest {
    /** Far more than any buffer holds. */
    private static final int MANY = 100_000;
    private static final byte[] PIECE = new byte[100];

    private final Trail trail = new Trail();

    /** What writes, again and again. */
    interface Writer {
        void write() throws Exception;
    }

    /** A way of writing that Helidon offers. */
    enum Way {
        STREAM {
            @Override
            Writer begin(ServerResponse response) throws IOException {
                OutputStream stream = response.outputStream();
                return () -> {
                    stream.write(PIECE);
                    stream.flush();
                };
            }
        },
        STREAM_OF_KNOWN_LENGTH {
            @Override
            Writer begin(ServerResponse response) throws IOException {
                response.contentLength(1_000_000_000);
                OutputStream stream = response.outputStream();
                return () -> {
                    stream.write(PIECE);
                    stream.flush();
                };
            }
        },
        FILTERED_STREAM {
            @Override
            Writer begin(ServerResponse response) throws IOException {
                response.streamFilter(BufferedOutputStream::new);
                return STREAM.begin(response);
            }
        },
        EVENTS_OF_HELIDON {
            @Override
            Writer begin(ServerResponse response) {
                SseSink sink = response.sink(SseSink.TYPE);
                return () -> sink.emit(SseEvent.create("event"));
            }
        },
        SENT_BYTES {
            @Override
            Writer begin(ServerResponse response) {
                return () -> response.send(PIECE);
            }

            @Override
            boolean isWhole() {
                return true;
            }
        },
        SENT_TEXT {
            @Override
            Writer begin(ServerResponse response) {
                return () -> response.send("text");
            }

            @Override
            boolean isWhole() {
                return true;
            }
        },
        SENT_NOTHING {
            @Override
            Writer begin(ServerResponse response) {
                return response::send;
            }

            @Override
            boolean isWhole() {
                return true;
            }
        },
        SENT_FILE {
            @Override
            Writer begin(ServerResponse response) throws IOException {
                Path file = Files.createTempFile("hangup", ".txt");
                file.toFile().deleteOnExit();
                Files.write(file, PIECE);
                return () -> response.send(file);
            }

            @Override
            boolean isWhole() {
                return true;
            }
        },
        NEW_STREAM {
            @Override
            Writer begin(ServerResponse response) {
                return () -> response.outputStream().write(PIECE);
            }

            @Override
            boolean isWhole() {
                return true;
            }
        },
        NEW_SINK {
            @Override
            Writer begin(ServerResponse response) {
                return () -> response.sink(SseSink.TYPE);
            }

            @Override
            boolean isWhole() {
                return true;
            }
        };

        /** What writes to a response. */
        abstract Writer begin(ServerResponse response) throws IOException;

        /** Whether it begins and ends a response with each call, so that none may be made before. */
        boolean isWhole() {
            return false;
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void clientLeaves(Way way) {
        try (Logged trouble = Logged.trouble("");
                TestServer server = TestServer.start(routing -> routing(routing, way, (request, response) -> { }));
                RawClient client = server.connect()) {
            client.get("/work", "Accept: text/event-stream\r\n");
            trail.await("started");
            client.leave();
            throwsWhenWriting(server, Outcome.DISCONNECTED);
            server.close();
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @ParameterizedTest
    @EnumSource
    void deadlinePasses(Way way) {
        try (Logged trouble = Logged.trouble("");
                TestServer server = TestServer.start(routing -> routing(routing, way, Time::isUp));
                RawClient client = server.connect()) {
            client.get("/work", "Accept: text/event-stream\r\n");
            throwsWhenWriting(server, Outcome.DEADLINE_EXCEEDED);
            server.close();
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void clientResetsItsStream(Way way) {
        overHttp2(way, (request, response) -> { }, Outcome.DISCONNECTED,
                  client -> client.send(Http2Client.reset(1)));
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void clientEndsTheConnection(Way way) {
        overHttp2(way, (request, response) -> { }, Outcome.DISCONNECTED, client -> client.socket().leave());
    }

    @ParameterizedTest
    @EnumSource
    void deadlinePassesOverHttp2(Way way) {
        overHttp2(way, Time::isUp, Outcome.DEADLINE_EXCEEDED, client -> { });
    }

    /** {@code 100 Continue} passes the response by. */
    @Test
    void bodyIsAskedForWhenTheDeadlineHasPassed() {
        try (Logged trouble = Logged.trouble(""); TestServer server = TestServer.start(routing -> routing
                .post("/work", Hangup.cancellable((request, response) -> {
                    trail.add("started");
                    Time.isUp(request, response);
                    trail.ignoreInterruptsUntil("interrupted");
                    writeUntilItThrows(() -> request.content().inputStream().read());
                }))); RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
            assertEquals(503, client.read().status());
            throwsWhenWriting(server, Outcome.DEADLINE_EXCEEDED);
            assertEquals(0, client.readToEnd().length);
            server.close();
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Tag("departure")
    @Test
    void eventStreamOfHangup() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/work", Hangup.cancellable(EventStream.of((request, events) -> {
                    events.send(Event.of("event"));
                    trail.ignoreInterruptsUntil("interrupted");
                    writeUntilItThrows(() -> events.send(Event.of("event")));
                })))); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.leave();
            throwsWhenWriting(server, Outcome.DISCONNECTED);
        }
    }

    private void overHttp2(Way way, Handler time, Outcome outcome, Consumer<Http2Client> leave) {
        try (Logged trouble = Logged.trouble("");
                TestServer server = TestServer.start(routing -> routing(routing, way, time));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.get("/work", "accept", "text/event-stream");
            trail.await("started");
            leave.accept(client);
            throwsWhenWriting(server, outcome);
            // a server that stops interrupts connections that are open, and Helidon warns if one of them writes just then
            client.close();
            Await.until("the connection is over", () -> Usage.connectionThreads() == 0);
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    private void routing(HttpRouting.Builder routing, Way way, Handler time) {
        routing.get("/work", Hangup.cancellable((request, response) -> work(way, time, request, response)));
    }

    private void work(Way way, Handler time, ServerRequest request, ServerResponse response) throws Exception {
        Writer writer = way.begin(response);
        if (!way.isWhole()) {
            writer.write();
        }
        time.handle(request, response);
        trail.ignoreInterruptsUntil("interrupted");
        writeUntilItThrows(writer);
    }

    private void writeUntilItThrows(Writer writer) throws Exception {
        for (int i = 0; i < MANY; i++) {
            try {
                writer.write();
            } catch (Exception e) {
                trail.add("threw " + rootOf(e));
                throw e;
            }
        }
        trail.add("never threw");
    }

    private void throwsWhenWriting(TestServer server, Outcome outcome) {
        trail.awaitAny(it -> it.startsWith("threw") || it.equals("never threw"), "what comes of writing");
        assertEquals("threw RequestOverException", trail.events().getLast());
        assertEquals(outcome, server.nextEnd().outcome());
    }

    private static String rootOf(Throwable e) {
        return e.getCause() == null ? e.getClass().getSimpleName() : rootOf(e.getCause());
    }
}
