package dev.hangup.internal.response;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * A filter, or a handler before, has asked for the body before the race begins. Helidon takes no filters for a body from then on, but
 * work that is cancelled must not take a part of its body for the whole.
 */
class BodyBeforeTheRaceTest {
    private static final Duration DEADLINE = Duration.ofMillis(300);
    private static final Filter ASKS = (chain, request, response) -> {
        request.content().hasEntity();
        chain.proceed();
    };

    private final Trail trail = new Trail();

    @Test
    void partOfABodyIsNotTheWhole() {
        handle(routing -> routing.addFilter(ASKS).post("/", Hangup.cancellable(DEADLINE, reading())), false);
        trail.await("failed");
    }

    /** All of it has arrived, but Helidon's queue takes an interrupt for the end. */
    @Test
    void readAfterTheInterruptDoesNotFindTheEnd() {
        handle(routing -> routing.addFilter(ASKS).post("/", Hangup.cancellable(DEADLINE, (request, response) -> {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
            read(request, response);
        })), true);
        trail.await("failed");
    }

    @Test
    void secondRaceOfARequestGuardsItsBody() {
        handle(routing -> routing.post("/", Hangup.cancellable((request, response) -> {
            request.content().hasEntity();
            response.next();
        })).post("/", Hangup.cancellable(DEADLINE, reading())), false);
        trail.await("failed");
    }

    @Test
    void threadThatTheWorkHasLeftBehindDoesNotRead() {
        try (TestServer server = TestServer.start(it -> it.concurrencyLimit(new RecordingLimit(trail)), it -> { },
                                                  routing -> routing.addFilter(ASKS)
                .post("/", Hangup.cancellable((request, response) -> {
                    InputStream body = request.content().inputStream();
                    Thread.ofVirtual().start(() -> {
                        trail.await("over");
                        try {
                            trail.add("read " + body.read());
                        } catch (IOException e) {
                            trail.add("failed");
                        }
                    });
                    response.send("accepted");
                }))); RawClient client = server.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
            assertEquals("accepted", client.read().text());
            trail.await("success");
            trail.add("over");
            trail.await("failed");
        }
    }

    /** A filter has had Helidon buffer it. */
    @Test
    void bodyInMemoryMayBeReadByAnyThread() {
        try (TestServer server = TestServer.start(routing -> routing
                .addFilter((chain, request, response) -> {
                    request.content().buffer();
                    chain.proceed();
                    Thread.ofVirtual().start(() -> {
                        try {
                            trail.add("read " + request.content().as(String.class));
                        } catch (UncheckedIOException e) {
                            trail.add("failed");
                        }
                    });
                })
                .post("/", Hangup.cancellable(request -> "done"))); RawClient client = server.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
            assertEquals("done", client.read().text());
            trail.await("read body");
        }
    }

    private Handler reading() {
        return this::read;
    }

    private void read(ServerRequest request, ServerResponse response) {
        try {
            int length = request.content().inputStream().readAllBytes().length;
            trail.add("read " + length);
            response.send();
        } catch (IOException | UncheckedIOException e) {
            trail.add("failed");
        }
    }

    /** Sends five bytes of a body over HTTP/2. */
    private static void handle(Consumer<HttpRouting.Builder> routing, boolean whole) {
        try (TestServer server = TestServer.start(routing); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post("/");
            client.send(Http2Client.data(id, new byte[5], whole));
            assertEquals(503, client.answer(id).status());
            server.nextEnd();
        }
    }
}
