package dev.hangup.internal.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

import javax.net.ssl.SSLSocket;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** A TLS 1.3 client changes its keys, and asks the server to do so, while 10 MiB are on their way. */
class KeyUpdateTest {
    private static final int PIECE = 64 * 1024;
    private static final byte[] BODY = new byte[160 * PIECE];
    private static final String NEXT = "GET /number?n=%d HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final CompletableFuture<ReadAheadBounds> bounds = new CompletableFuture<>();
    private final CompletableFuture<Thread> writer = new CompletableFuture<>();

    static {
        new Random(42).nextBytes(BODY);
    }

    @Test
    void answerIsWholeAfterOne() {
        updated(1);
    }

    @Test
    void answerIsWholeAfterSeveral() {
        updated(20);
    }

    @Test
    void bothDirectionsAreWholeWhileBothAreBusy() {
        try (TestServer server = TestServer.start(Transport.TLS_1_3, this::routing); RawClient client = server.connect()) {
            client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + BODY.length + "\r\n\r\n");
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> {
                for (int from = 0; from < BODY.length; from += PIECE) {
                    if (from / PIECE % 10 == 0) {
                        update(client);
                    }
                    client.send(Arrays.copyOfRange(BODY, from, from + PIECE));
                }
            });
            assertArrayEquals(BODY, client.read().body());
            sent.join();
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    private void updated(int times) {
        try (TestServer server = TestServer.start(Transport.TLS_1_3, this::routing); RawClient client = server.connect()) {
            client.get("/large");
            client.readHead();
            Await.untilBlocked(writer.join());
            for (int i = 0; i < times; i++) {
                long held = bounds.join().held();
                update(client);
                client.send(NEXT.formatted(i));
                // what was sent behind it has been read, so it has been, too
                Await.until("the request behind the KeyUpdate is read", () -> bounds.join().held() > held);
            }
            assertArrayEquals(BODY, exactly(client, BODY.length));
            for (int i = 0; i < times; i++) {
                assertEquals(String.valueOf(i), client.read().text());
            }
            for (int i = 0; i <= times; i++) {
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            }
        }
    }

    private static void update(RawClient client) {
        try {
            ((SSLSocket) client.socket()).startHandshake();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] exactly(RawClient client, int length) {
        try {
            return client.socket().getInputStream().readNBytes(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/large", Hangup.cancellable(this::large))
                .post("/echo", Hangup.cancellable((request, response) -> {
                    response.contentLength(BODY.length);
                    try (OutputStream stream = response.outputStream()) {
                        request.content().inputStream().transferTo(stream);
                    }
                }))
                .get("/number", Hangup.cancellable(request -> request.query().get("n")));
    }

    private void large(ServerRequest request, ServerResponse response) throws IOException {
        bounds.complete(Exchange.of(request).routing(ConnectionPolicy.class).orElseThrow().readAhead());
        writer.complete(Thread.currentThread());
        response.contentLength(BODY.length);
        try (OutputStream stream = response.outputStream()) {
            for (int sent = 0; sent < BODY.length; sent += PIECE) {
                stream.write(Arrays.copyOfRange(BODY, sent, sent + PIECE));
            }
        }
    }
}
