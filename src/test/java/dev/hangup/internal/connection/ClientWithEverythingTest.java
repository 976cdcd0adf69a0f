package dev.hangup.internal.connection;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

import dev.hangup.Cancellation;
import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Departure;
import dev.hangup.testing.Departure.Way;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.sse.SseSink;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A client that has its whole response has not left, however it ends its connection; one that lacks a byte of it has. */
class ClientWithEverythingTest {
    private static final int LENGTH = 100_000;

    private final Trail trail = new Trail();

    /** How work gives a whole response and goes on. */
    enum Whole {
        WRITTEN(client -> client.read().body().length == LENGTH) {
            @Override
            void give(ServerResponse response) throws IOException {
                response.contentLength(LENGTH);
                pieces(response.outputStream());
            }
        },
        SENT(client -> client.read().body().length == LENGTH) {
            @Override
            void give(ServerResponse response) {
                response.send(new byte[LENGTH]);
            }
        },
        SENT_IN_CHUNKS(client -> client.read().body().length == LENGTH) {
            @Override
            void give(ServerResponse response) {
                response.header(HeaderValues.TRANSFER_ENCODING_CHUNKED).send(new byte[LENGTH]);
            }
        },
        TRANSFERRED(client -> client.read().body().length == LENGTH) {
            @Override
            void give(ServerResponse response) throws IOException {
                response.contentLength(LENGTH);
                new ByteArrayInputStream(new byte[LENGTH]).transferTo(response.outputStream());
            }
        },
        EVENTS(client -> client.read().text().contains("data:event")) {
            @Override
            void give(ServerResponse response) {
                try (SseSink sink = response.sink(SseSink.TYPE)) {
                    sink.emit(SseEvent.create("event"));
                }
            }
        },
        NO_CONTENT(client -> client.readHead().startsWith("HTTP/1.1 204 ")) {
            @Override
            void give(ServerResponse response) {
                response.status(Status.NO_CONTENT_204).send();
            }
        },
        NOT_MODIFIED(client -> client.readHead().startsWith("HTTP/1.1 304 ")) {
            @Override
            void give(ServerResponse response) {
                response.status(Status.NOT_MODIFIED_304).send();
            }
        };

        private final Function<RawClient, Boolean> read;

        Whole(Function<RawClient, Boolean> read) {
            this.read = read;
        }

        abstract void give(ServerResponse response) throws IOException;
    }

    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#all")
    void closesOnTheLastByteWhileTheWorkCleansUp(Departure departure) {
        isDone(departure, Whole.WRITTEN);
    }

    @ParameterizedTest
    @EnumSource
    void whateverTheWholeResponseIs(Whole whole) {
        isDone(Departure.ordinary().toList().getFirst(), whole);
    }

    @Test
    void headIsAnsweredWithItsHeaders() {
        try (TestServer server = start(Transport.CLEAR, (request, response) -> {
            response.contentLength(LENGTH);
            response.send();
            cleanUp();
        }); RawClient client = server.connect()) {
            client.send("HEAD /work HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertTrue(client.readHead().contains("100000"));
            leavesInPeace(server, client, RawClient::leave);
        }
    }

    /** On a connection that has had other requests, and with more of them behind. */
    @Test
    void afterOtherRequestsOfTheConnection() {
        try (TestServer server = start(Transport.CLEAR, handler(Whole.WRITTEN)); RawClient client = server.connect()) {
            for (int i = 0; i < 3; i++) {
                client.get("/next");
                assertEquals("next", client.read().text());
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            }
            client.get("/work");
            client.read();
            leavesInPeace(server, client, RawClient::leave);
        }
    }

    @Test
    void encodedResponseOfKnownLength() {
        try (TestServer server = encoding(handler(Whole.SENT)); RawClient client = server.connect()) {
            client.get("/work", "Accept-Encoding: gzip\r\n");
            assertTrue(client.read().body().length < LENGTH);
            leavesInPeace(server, client, RawClient::leave);
        }
    }

    /** It is not as long as the handler has said, and only the last chunk ends it. */
    @Tag("departure")
    @Test
    void clientThatLacksTheEndOfAnEncodedResponseHasLeft() {
        byte[] noise = new byte[LENGTH];
        new Random(1).nextBytes(noise);
        try (TestServer server = encoding((request, response) -> {
            response.contentLength(LENGTH);
            OutputStream stream = response.outputStream();
            stream.write(noise);
            stream.flush();
            trail.workUntilInterrupted();
        }); RawClient client = server.connect()) {
            client.get("/work", "Accept-Encoding: gzip\r\n");
            trail.await("started");
            client.leave();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    @Test
    void exceptionOfTheCleanUpIsItsOwn() {
        try (TestServer server = start(Transport.CLEAR, (request, response) -> {
            Whole.WRITTEN.give(response);
            trail.add("cleaning up");
            trail.await("noticed");
            throw new IllegalStateException("of the clean-up");
        }); RawClient client = server.connect()) {
            client.get("/work");
            client.read();
            trail.await("cleaning up");
            awaitReader();
            client.leave();
            awaitNoticed();
            trail.add("noticed");
            assertEquals(Outcome.FAILED, server.nextEnd().outcome());
        }
    }

    /** It holds its permit. */
    @Test
    void cleanUpThatOutlastsItsDeadlineIsStopped() {
        try (TestServer server = start(Transport.CLEAR, (request, response) -> {
            Whole.WRITTEN.give(response);
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }); RawClient client = server.connect()) {
            client.get("/work");
            assertEquals(LENGTH, client.read().body().length);
            trail.await("interrupted");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#all")
    void clientThatLacksAByteHasLeft(Departure departure) {
        hasLeft(departure, LENGTH - 1, (request, response) -> {
            response.contentLength(LENGTH);
            OutputStream stream = response.outputStream();
            stream.write(new byte[LENGTH - 1]);
            stream.flush();
            trail.workUntilInterrupted();
        });
    }

    /** Nothing says that no chunk follows. */
    @Tag("departure")
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#ordinary")
    void clientThatLacksTheLastChunkHasLeft(Departure departure) {
        hasLeft(departure, LENGTH, (request, response) -> {
            pieces(response.outputStream());
            trail.workUntilInterrupted();
        });
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#ordinary")
    void clientOfAResponseThatWaitsInABufferHasLeft(Departure departure) {
        hasLeft(departure, 0, (request, response) -> {
            response.contentLength(100);
            response.outputStream().write(new byte[100]);
            trail.workUntilInterrupted();
        });
    }

    /** All transports but the one whose writes go to a queue of Helidon's, which takes the last of them as well. */
    static Stream<Departure> withoutQueue() {
        return Departure.all().stream()
                .filter(it -> it.transport() != Transport.CLEAR_QUEUED && it.way() != Way.TLS_CLOSE_NOTIFY);
    }

    /** The last write is under way, and fails. */
    @ParameterizedTest
    @MethodSource("withoutQueue")
    void clientThatLeavesAmidTheLastWriteHasLeft(Departure departure) {
        byte[] large = new byte[50_000_000];
        hasLeft(departure, LENGTH, (request, response) -> {
            response.contentLength(large.length);
            trail.add("started");
            try {
                response.outputStream().write(large);
            } finally {
                trail.add("interrupted");
            }
        });
    }

    private static void pieces(OutputStream stream) throws IOException {
        for (int i = 0; i < 10; i++) {
            stream.write(new byte[LENGTH / 10]);
        }
        stream.flush();
    }

    private void isDone(Departure departure, Whole whole) {
        try (TestServer server = start(departure.transport(), handler(whole)); RawClient client = server.connect()) {
            client.get("/work", "Accept: */*\r\n");
            assertTrue(whole.read.apply(client));
            leavesInPeace(server, client, departure::leave);
        }
    }

    private void leavesInPeace(TestServer server, RawClient client, Consumer<RawClient> leave) {
        trail.await("cleaning up");
        awaitReader();
        // the JDK's TLS 1.3 closes only when the other side does, too
        Thread leaving = Thread.startVirtualThread(() -> leave.accept(client));
        awaitNoticed();
        trail.add("noticed");
        assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        assertEquals(List.of("cleaning up", "noticed", "cleaned up"), trail.events());
        Await.until("the client has left", () -> !leaving.isAlive());
    }

    private void hasLeft(Departure departure, int read, Handler handler) {
        try (TestServer server = start(departure.transport(), handler); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            if (read > 0) {
                client.readHead();
                client.read(read);
            }
            departure.leave(client);
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private Handler handler(Whole whole) {
        return (request, response) -> {
            whole.give(response);
            cleanUp();
        };
    }

    private void cleanUp() throws InterruptedException {
        trail.add("cleaning up");
        try {
            trail.awaitInterruptibly("noticed");
            // else the work might win all the same, in the moment that it has for the last byte
            trail.add(Cancellation.current().isRequested() ? "cancelled" : "cleaned up");
        } catch (InterruptedException e) {
            trail.add("interrupted");
            throw e;
        }
    }

    /** Waits until the server reads ahead, which it does from the end of the watch delay on. */
    private static void awaitReader() {
        Await.until("the server reads ahead", () -> Usage.readers() == 1);
    }

    /** Waits until the server has read the end, once it reads ahead: its reader has nothing to do any more then. */
    private static void awaitNoticed() {
        Await.until("the server has read the end", () -> Usage.readers() == 0);
    }

    private static TestServer encoding(Handler handler) {
        return TestServer.start(server -> server.contentEncoding(ContentEncodingContext.builder()
                                                                         .addContentEncoding(Encoding.GZIP)
                                                                         .build()),
                                hangup -> { }, routing -> routing.get("/work", Hangup.cancellable(handler)));
    }

    private TestServer start(Transport transport, Handler handler) {
        return TestServer.start(transport, routing -> routing
                .any("/work", Hangup.cancellable(Duration.ofMinutes(1), handler))
                .get("/next", Hangup.cancellable(request -> "next")));
    }
}
