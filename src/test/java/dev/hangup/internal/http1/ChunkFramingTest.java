package dev.hangup.internal.http1;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Chunks that cannot be read end the connection. After a line that is no chunk's size, Helidon 4.5.0 answers, takes the next
 * line for a size, and runs as requests what it finds behind that.
 */
class ChunkFramingTest {
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    /** Long enough for a client that has sent all it will; the connection is seen to end much sooner. */
    private static final Duration LINGER = Duration.ofMillis(100);
    private static final String LAST = "0\r\n\r\n";
    private static final List<String> PATHS = List.of("/read", "/caught", "/buffered", "/unread", "/skipped");
    private static final List<Arguments> MALFORMED = Stream.of(
                    "-5\r\n", "-0\r\n\r\n", "+5\r\nhello\r\n", "0x5\r\nhello\r\n", " 5\r\nhello\r\n", "5 \r\nhello\r\n",
                    "5\t\r\nhello\r\n", "\r\n", "five\r\n", "ffffffff\r\n", "80000000\r\n", "100000005\r\nhello\r\n",
                    "\u00d9\u00a5\r\nhello\r\n", "5\nhello\r\n", "5\rhello\r\n", "5\r\nhelloXX", "5\r\nhello\n\n",
                    "5\r\nhello\r\n0\r\nTrailer: field\r\n\r\n",
                    // an extension, which is allowed but which Helidon does not know
                    "5;name=value\r\n" + LAST + SMUGGLED)
            .flatMap(chunks -> PATHS.stream().map(path -> Arguments.of(path, chunks)))
            .toList();

    private final Trail trail = new Trail();

    @ParameterizedTest
    @FieldSource("MALFORMED")
    void malformedChunksEndTheConnection(String path, String chunks) {
        try (TestServer server = start(Transport.CLEAR, Hangup::cancellable)) {
            isTheLast(server, path, chunks + LAST + SMUGGLED);
        }
    }

    @ParameterizedTest
    @FieldSource("MALFORMED")
    void malformedChunksEndTheConnectionOfABareRoute(String path, String chunks) {
        try (TestServer server = start(Transport.CLEAR, UnaryOperator.identity())) {
            isTheLast(server, path, chunks + LAST + SMUGGLED);
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void malformedChunksEndTheConnectionOverEveryTransport(Transport transport) {
        try (TestServer server = start(transport, Hangup::cancellable)) {
            isTheLast(server, "/caught", "five\r\n" + LAST + SMUGGLED);
        }
    }

    /** Helidon would collect the line for as long as it goes on. */
    @Test
    void chunkSizeWithoutAnEndIsNotCollected() {
        try (TestServer server = start(Transport.CLEAR, UnaryOperator.identity()); RawClient client = server.connect()) {
            client.send(head("/read") + "0".repeat(65));
            assertEquals(400, client.read().status());
        }
    }

    @Test
    void chunkBeyondTheLargestPayloadEndsTheConnection() {
        try (TestServer server = TestServer.start(it -> it.maxPayloadSize(10), it -> it.lingeringClose(LINGER),
                                                  it -> routing(it, UnaryOperator.identity()))) {
            String body = LAST + SMUGGLED;
            isTheLast(server, "/caught", Integer.toHexString(body.length()) + "\r\n" + body + "\r\n" + LAST);
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void wellFormedChunksGoOn(Transport transport) {
        try (TestServer server = start(transport, Hangup::cancellable); RawClient client = server.connect()) {
            for (String path : PATHS) {
                for (String chunks : List.of("", "5\r\nhello\r\n", "A\r\n0123456789\r\n00b\r\n0123456789a\r\n")) {
                    for (String last : List.of(LAST, "000\r\n\r\n")) {
                        client.send(head(path) + chunks + last);
                        assertEquals(200, client.read().status());
                    }
                }
            }
        }
    }

    @Test
    void chunksThatComeByteByByteGoOn() {
        try (TestServer server = start(Transport.CLEAR, Hangup::cancellable); RawClient client = server.connect()) {
            client.send(head("/read"));
            for (byte b : ("5\r\nhello\r\n" + LAST).getBytes(StandardCharsets.US_ASCII)) {
                client.send(new byte[] {b});
            }
            assertEquals("hello", client.read().text());
            client.send(head("/read") + LAST);
            assertEquals("", client.read().text());
        }
    }

    private void isTheLast(TestServer server, String path, String body) {
        try (RawClient client = server.connect()) {
            client.send(head(path) + body);
            RawClient.Response response = client.read();
            assertTrue(response.status() == 400 || response.status() == 413 || response.status() == 422
                               || path.equals("/unread"), "status " + response.status());
            assertEquals("", new String(client.readToEnd()));
            assertFalse(trail.events().contains("smuggled"));
        }
    }

    private TestServer start(Transport transport, UnaryOperator<Handler> kind) {
        return TestServer.start(transport, it -> it.lingeringClose(LINGER), it -> routing(it, kind));
    }

    private void routing(HttpRouting.Builder routing, UnaryOperator<Handler> kind) {
        routing.post("/read", kind.apply((request, response) -> response.send(request.content().as(String.class))))
                .post("/caught", kind.apply((request, response) -> {
                    try {
                        response.send(request.content().as(String.class));
                    } catch (RuntimeException e) {
                        response.status(422).send("caught");
                    }
                }))
                .post("/buffered", kind.apply((request, response) -> {
                    try {
                        request.content().buffer();
                        response.send("buffered");
                    } catch (RuntimeException e) {
                        response.status(422).send("caught");
                    }
                }))
                .post("/skipped", kind.apply((request, response) -> {
                    try {
                        request.content().consume();
                        response.send("skipped");
                    } catch (RuntimeException e) {
                        response.status(422).send("caught");
                    }
                }))
                .post("/unread", kind.apply((request, response) -> response.send("unread")))
                .get("/smuggled", (request, response) -> {
                    trail.add("smuggled");
                    response.send("smuggled");
                });
    }

    private static String head(String path) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    }
}
