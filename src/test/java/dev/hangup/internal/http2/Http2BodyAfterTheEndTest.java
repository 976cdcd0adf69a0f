package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;

import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.webserver.http.Handler;
import org.junit.jupiter.api.Test;

/**
 * Helidon has ended the connection because of a fault of its client, before the body has ended, and the handler of a bare route
 * comes to the body only then. No thread waits for what cannot arrive, be it in the handler or in Helidon's code after it.
 */
class Http2BodyAfterTheEndTest {
    /** More than Helidon takes ahead. */
    private static final int FRAMES = 100;

    private final Trail trail = new Trail();
    private final CompletableFuture<Thread> stream = new CompletableFuture<>();

    @Test
    void handlerThatReads() {
        endsAfter((request, response) -> {
            trail.await("over");
            response.send(request.content().as(byte[].class));
        });
    }

    @Test
    void handlerThatHasReadAPart() {
        endsAfter((request, response) -> {
            InputStream body = request.content().inputStream();
            body.read();
            trail.await("over");
            body.readAllBytes();
        });
    }

    @Test
    void handlerThatFailsWithoutReading() {
        endsAfter((request, response) -> {
            trail.await("over");
            throw new IllegalStateException("unread");
        });
    }

    @Test
    void handlerThatDiscardsTheRest() {
        endsAfter((request, response) -> {
            InputStream body = request.content().inputStream();
            body.read();
            trail.await("over");
            request.content().consume();
        });
    }

    @Test
    void handlerThatDiscardsTheRestAfterAFailure() {
        endsAfter((request, response) -> {
            try {
                trail.await("over");
                request.content().as(byte[].class);
            } catch (UncheckedIOException e) {
                request.content().consume();
            }
        });
    }

    /** All of it has arrived, but Helidon had not taken all when the connection ended. */
    @Test
    void handlerThatReadsWhatHelidonHasNotTaken() {
        try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon.webserver");
                TestServer server = TestServer.start(
                        // the request waits for its permit until the body has arrived
                        it -> it.concurrencyLimit(FixedLimit.builder().permits(1).queueLength(10).build()),
                        hangup -> { },
                        routing -> routing
                                .get("/first", (request, response) -> {
                                    trail.await("sent");
                                    response.send();
                                })
                                .post("/", (request, response) -> {
                                    trail.add("begun");
                                    trail.await("over");
                                    try {
                                        trail.add("read " + request.content().inputStream().readAllBytes().length);
                                    } catch (IOException | UncheckedIOException e) {
                                        trail.add("failed");
                                    }
                                }));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.get("/first");
            int id = client.post("/");
            for (int i = 0; i < FRAMES; i++) {
                client.send(Http2Client.data(id, new byte[10], i == FRAMES - 1));
            }
            client.ping();
            trail.add("sent");
            trail.await("begun");
            endConnection(client);
            trail.await("failed");
        }
    }

    /** It is not interrupted, although the thread of another stream of its connection is. */
    @Test
    void handlerThatWaitsForSomethingElse() {
        CountDownLatch later = new CountDownLatch(1);
        try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon.webserver");
                TestServer server = TestServer.start(routing -> routing
                        .post("/waits", (request, response) -> {
                            trail.add("waits");
                            later.await();
                            trail.add("waited");
                        })
                        .post("/fails", (request, response) -> {
                            trail.await("over");
                            stream.complete(Thread.currentThread());
                            throw new IllegalStateException("unread");
                        }));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.post("/waits");
            client.post("/fails");
            trail.await("waits");
            endConnection(client);
            Await.until("the other stream's thread has ended", () -> !stream.join().isAlive());
            later.countDown();
            trail.await("waited");
        }
    }

    private void endsAfter(Handler handler) {
        try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon.webserver");
                TestServer server = TestServer.start(routing -> routing.post("/", (request, response) -> {
                    stream.complete(Thread.currentThread());
                    handler.handle(request, response);
                }));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post("/");
            client.send(Http2Client.data(id, new byte[10], false));
            client.ping();
            Thread thread = stream.join();
            endConnection(client);
            Await.until("the stream's thread has ended", () -> !thread.isAlive());
        }
    }

    private void endConnection(Http2Client client) {
        client.send(Http2Client.headers(client.newStream(), new HeaderBlock().field("x-name", "no path"), true));
        client.awaitGoAway();
        Await.until("the connection is over", () -> Usage.connectionThreads() == 0);
        trail.add("over");
    }
}
