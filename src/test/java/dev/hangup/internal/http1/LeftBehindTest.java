package dev.hangup.internal.http1;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.common.buffers.BufferData;
import io.helidon.http.Headers;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

/** A thread that a handler has started and left behind neither reads nor writes what belongs to another request. */
class LeftBehindTest {
    private static final String PART = "x".repeat(50);
    private static final String POST = " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n" + PART;

    private final Trail trail = new Trail();
    private final AtomicReference<Thread> left = new AtomicReference<>();

    @ParameterizedTest
    @EnumSource
    void readerOfABodyThatClientsDoNotSend(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.send("POST /reads" + POST);
            assertEquals("accepted", client.read().text());
            trail.awaitAny(it -> it.equals("success") || it.equals("dropped") || it.equals("ignore"), "the permit is back");
            assertEquals("", new String(client.readToEnd()));
            trail.await("failed");
            Await.until("the connection has no thread", () -> Usage.connectionThreads() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readerOfABodyWithARequestBehindIt(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.send("POST /reads" + POST);
            assertEquals("accepted", client.read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            client.send(PART);
            trail.awaitAny(it -> it.equals("failed") || it.equals("read"), "what became of the reader");
            try {
                client.get("/second");
                assertEquals("", new String(client.readToEnd()));
            } catch (UncheckedIOException e) {
                // on a slow machine, the server has waited for it long enough
            }
            assertEquals(List.of("acquired"), trail.events().stream().filter("acquired"::equals).toList());
            assertFalse(trail.events().contains("second"));
            trail.await("failed");
        }
    }

    /** It has not been reading when the work ended. */
    @Test
    void readerThatComesLater() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /reads-later" + POST + PART);
            assertEquals("accepted", client.read().text());
            trail.await("success");
            trail.add("may go on");
            trail.await("failed");
            assertEquals("second", client.get("/second").read().text());
        }
    }

    /** Helidon responds with 500, since nobody has responded; the thread has passed Helidon's check for that. */
    @ParameterizedTest
    @EnumSource
    void writerOfAWholeResponse(Transport transport) {
        try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon.webserver"); TestServer server = start(transport);
                RawClient client = server.connect()) {
            client.get("/sends");
            RawClient.Response response = client.read();
            assertEquals(500, response.status());
            assertEquals("close", response.headers().get("connection"));
            trail.add("may go on");
            trail.await("failed");
            client.get("/second");
            assertEquals("", new String(client.readToEnd()));
        }
    }

    /** The last chunk is written meanwhile. */
    @ParameterizedTest
    @EnumSource
    void writerOfAChunk(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.get("/streams");
            assertEquals("first, second, ", client.read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            trail.add("may go on");
            trail.awaitAny(it -> it.equals("failed") || it.equals("written"), "what became of the writer");
            client.get("/second");
            assertEquals("", new String(client.readToEnd(), StandardCharsets.ISO_8859_1));
            trail.await("failed");
        }
    }

    /** Nobody else can complete what it has begun. */
    @ParameterizedTest
    @EnumSource
    void writerOfTheRestOfAResponse(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.get("/begins");
            client.readHead();
            assertEquals(PART, new String(client.readToEnd()));
            assertEquals(Outcome.FAILED, server.nextEnd().outcome());
            trail.add("may go on");
            trail.await("failed");
        }
    }

    @Test
    void writerOfARequestThatWasPassedOn() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/passes");
            RawClient.Response response = client.read();
            assertEquals("the next handler", response.text());
            // that of the late text, if the thread had got as far as its media writer
            assertNull(response.headers().get("content-type"));
            trail.await("failed");
            assertEquals("second", client.get("/second").read().text());
        }
    }

    /** The connection goes on behind threads that have ended before the work. */
    @Test
    void threadsThatAreNotLeftBehind() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /joins" + POST + PART);
            assertEquals(PART + PART, client.read().text());
            assertEquals("second", client.get("/second").read().text());
        }
    }

    private TestServer start(Transport transport) {
        Http1Config http1 = Http1Config.builder().sendListeners(List.of(new Pausing())).build();
        return TestServer.start(transport, server -> server.addProtocol(http1)
                                        .concurrencyLimit(new RecordingLimit(trail))
                                        .writeBufferSize(0),
                                hangup -> { }, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.post("/reads", Hangup.cancellable((request, response) -> {
                    InputStream body = request.content().inputStream();
                    leave(() -> {
                        body.readNBytes(50);
                        trail.add("reads");
                        body.readNBytes(50);
                        trail.add("read");
                    });
                    trail.await("reads");
                    Await.untilBlocked(left.get());
                    response.send("accepted");
                }))
                .post("/reads-later", Hangup.cancellable((request, response) -> {
                    InputStream body = request.content().inputStream();
                    leave(() -> {
                        trail.await("may go on");
                        body.read();
                        trail.add("read");
                    });
                    response.send("accepted");
                }))
                .get("/sends", Hangup.cancellable((request, response) -> {
                    leave(() -> response.send("late"));
                    trail.await("inside");
                }))
                .get("/streams", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write("first, ".getBytes());
                    stream.write("second, ".getBytes());
                    stream.flush();
                    leave(() -> {
                        stream.write("late".getBytes());
                        trail.add("written");
                    });
                    trail.await("inside");
                }))
                .get("/begins", Hangup.cancellable((request, response) -> {
                    response.contentLength(100);
                    OutputStream stream = response.outputStream();
                    stream.write(PART.getBytes());
                    stream.flush();
                    leave(() -> stream.write(PART.getBytes()));
                    trail.await("inside");
                }))
                .get("/passes", Hangup.cancellable((request, response) -> {
                    leave(() -> {
                        trail.await("passed on");
                        response.send("late");
                        trail.add("sent");
                    });
                    response.next();
                }))
                .get("/passes", (request, response) -> {
                    trail.add("passed on");
                    trail.add("may go on");
                    trail.awaitAny(it -> it.equals("failed") || it.equals("sent"), "what became of the writer");
                    response.send("the next handler".getBytes(StandardCharsets.US_ASCII));
                })
                .post("/joins", Hangup.cancellable((request, response) -> {
                    trail.add("may go on");
                    leave(() -> response.send(request.content().as(byte[].class)));
                    left.get().join();
                }))
                .get("/second", (request, response) -> {
                    trail.add("second");
                    response.send("second");
                });
    }

    /** Starts a thread. */
    private void leave(Action action) {
        left.set(Thread.ofVirtual().unstarted(() -> {
            try {
                action.run();
            } catch (Exception e) {
                trail.add("failed");
            }
        }));
        left.get().start();
    }

    /** What the thread does. */
    interface Action {
        void run() throws Exception;
    }

    /** Pauses the thread that is left behind where Helidon has checked what it writes, and has not written it. */
    private final class Pausing implements Http1ConnectionListener {
        @Override
        public void headers(ConnectionContext ctx, Headers headers) {
            pause();
        }

        @Override
        public void data(ConnectionContext ctx, BufferData data) {
            pause();
        }

        private void pause() {
            if (Thread.currentThread() == left.get()) {
                trail.add("inside");
                trail.await("may go on");
            }
        }
    }
}
