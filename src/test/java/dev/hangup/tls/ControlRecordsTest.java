package dev.hangup.tls;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients may send some dozens of records without application data, and not more. */
class ControlRecordsTest {
    private static final int FEW = 20;
    private static final int MANY = 200;
    private static final byte[] LARGE = new byte[10 * 1024 * 1024];
    private static final String NUMBER = "GET /number HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final Trail trail = new Trail();
    private final CompletableFuture<Thread> writer = new CompletableFuture<>();
    private TestServer server;
    private Tls13Client client;

    @BeforeEach
    void connect() {
        server = TestServer.start(Transport.TLS_1_3, this::routing);
        client = Tls13Client.connect(server.port());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void floodEndsTheConnection(Kind kind) {
        client.send("GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n");
        trail.await("started");
        send(kind);
        trail.await("interrupted");
        assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        client.awaitEnd();
    }

    @Test
    void floodBehindAResponseThatIsNotReadEndsTheConnection() {
        client.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
        Await.untilBlocked(writer.join());
        send(Kind.REQUESTING_KEY_UPDATE);
        assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        client.awaitEnd();
    }

    @Test
    void dataBetweenKeyUpdatesDoesNotAnswerThem() {
        client.send("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + MANY + "\r\n\r\n");
        try {
            for (int i = 0; i < MANY; i++) {
                client.raw(client.keyUpdate(true)).send("x");
            }
        } catch (RuntimeException e) {
            // the server has ended it
        }
        assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        client.awaitEnd();
    }

    @Test
    void dataBetweenKeyUpdatesThatRequestNoneSetsThemAside() {
        client.send("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + MANY + "\r\n\r\n");
        for (int i = 0; i < MANY; i++) {
            client.raw(client.keyUpdate(false)).send("x");
        }
        client.receiveUntil("read " + MANY);
        assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
    }

    @Test
    void eachKeyUpdateIsAnsweredBeforeTheResponseAndResponsesSetThemAside() throws Exception {
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < FEW; i++) {
                client.raw(client.keyUpdate(true));
            }
            client.send(NUMBER);
            int answers = 0;
            Tls13Client.Received received = client.receive();
            while (received.type() != Tls13Client.DATA) {
                answers += received.content()[0] == Tls13Client.KEY_UPDATE ? 1 : 0;
                received = client.receive();
            }
            assertEquals(FEW, answers);
            assertTrue(received.text().startsWith("HTTP/1.1 200 "), received::text);
            if (!received.text().endsWith("42")) {
                client.receiveUntil("42");
            }
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    private void send(Kind kind) {
        try {
            for (int i = 0; i < MANY; i++) {
                client.raw(kind.record.apply(client));
            }
        } catch (RuntimeException e) {
            // the server has ended it
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/number", Hangup.cancellable(request -> "42"))
                .get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/large", Hangup.cancellable((request, response) -> {
                    writer.complete(Thread.currentThread());
                    response.contentLength(2L * LARGE.length);
                    try (OutputStream stream = response.outputStream()) {
                        stream.write(LARGE);
                        stream.write(LARGE);
                    }
                }))
                .post("/upload", Hangup.cancellable((request, response) -> {
                    try (InputStream body = request.content().inputStream()) {
                        response.send("read " + body.readAllBytes().length);
                    }
                }));
    }

    /** Records that carry no application data. */
    enum Kind {
        KEY_UPDATE(client -> client.keyUpdate(false)),
        REQUESTING_KEY_UPDATE(client -> client.keyUpdate(true)),
        WARNING(client -> client.record(Tls13Client.ALERT, new byte[] {1, 100})),
        CANCELLATION(client -> client.record(Tls13Client.ALERT, new byte[] {1, 90})),
        UNKNOWN_ALERT(client -> client.record(Tls13Client.ALERT, new byte[] {1, (byte) 200})),
        EMPTY(client -> client.record(Tls13Client.DATA, new byte[0])),
        // of a KeyUpdate of 32,512 bytes; with each of them the JDK's engine copies those before
        FRAGMENT(client -> client.record(Tls13Client.HANDSHAKE, new byte[] {Tls13Client.KEY_UPDATE, 0, 0x7F, 0})),
        SESSION_TICKET(client -> client.record(Tls13Client.HANDSHAKE,
                                               new byte[] {4, 0, 0, 14, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 1, 0})),
        HELLO_REQUEST(client -> client.record(Tls13Client.HANDSHAKE, new byte[4])),
        CHANGE_CIPHER_SPEC(client -> new byte[] {20, 3, 3, 0, 1, 1});

        private final Function<Tls13Client, byte[]> record;

        Kind(Function<Tls13Client, byte[]> record) {
            this.record = record;
        }
    }
}
