package dev.hangup.internal.http1;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** No response follows one that is not as long as it says: its client would look for it in the wrong place. */
class ResponseLengthTest {
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final List<Arguments> ROUTES = Stream.of(Transport.values())
            .flatMap(it -> Stream.of(Arguments.of(it, true), Arguments.of(it, false)))
            .toList();

    private final Trail trail = new Trail();

    @ParameterizedTest
    @FieldSource("ROUTES")
    void streamThatIsTooShort(Transport transport, boolean cancellable) {
        isLast(transport, cancellable, "/short-stream", "x".repeat(50));
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void streamThatIsTooShortAndFlushed(Transport transport, boolean cancellable) {
        isLast(transport, cancellable, "/short-flushed", "x".repeat(50));
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void entityThatIsTooShort(Transport transport, boolean cancellable) {
        isLast(transport, cancellable, "/short", "short");
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void entityThatIsTooLong(Transport transport, boolean cancellable) {
        isLast(transport, cancellable, "/long", "mo");
    }

    /** Its end looks like that of a header and the content announced. */
    @ParameterizedTest
    @FieldSource("ROUTES")
    void entityThatHasAnEmptyLineWhereTheContentOughtToBegin(Transport transport, boolean cancellable) {
        isLast(transport, cancellable, "/long-with-empty-line", "mo");
    }

    /** Helidon sends the content of a response to HEAD. */
    @ParameterizedTest
    @FieldSource("ROUTES")
    void contentOfAResponseToHeadIsNotSent(Transport transport, boolean cancellable) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            for (String path : List.of("/exact", "/chunks")) {
                client.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n" + NEXT);
                assertTrue(client.readHead().startsWith("HTTP/1.1 200 "));
                assertEquals("next", client.read().text());
            }
        }
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void connectionGoesOnBehindAResponseThatIsAsLongAsItSays(Transport transport, boolean cancellable) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            for (String path : List.of("/exact", "/exact-stream", "/chunks", "/exact")) {
                client.send(get(path) + NEXT);
                assertEquals(200, client.read().status());
                assertEquals("next", client.read().text());
            }
        }
    }

    private void isLast(Transport transport, boolean cancellable, String path, String content) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            client.send(get(path) + NEXT);
            String received = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
            assertTrue(received.startsWith("HTTP/1.1 200 "), received);
            assertEquals(content, received.substring(received.indexOf("\r\n\r\n") + 4));
            assertEquals(List.of(), trail.events());
        }
    }

    private TestServer start(Transport transport, boolean cancellable) {
        return TestServer.start(transport, hangup -> { }, routing -> routing(routing, cancellable));
    }

    private void routing(HttpRouting.Builder routing, boolean cancellable) {
        any(routing, cancellable, "/short-stream", (request, response) -> {
            response.contentLength(100);
            response.outputStream().write("x".repeat(50).getBytes());
        });
        any(routing, cancellable, "/short-flushed", (request, response) -> {
            response.contentLength(100);
            try (OutputStream stream = response.outputStream()) {
                stream.write("x".repeat(25).getBytes());
                stream.flush();
                stream.write("x".repeat(25).getBytes());
            }
        });
        any(routing, cancellable, "/short", (request, response) -> {
            response.contentLength(100);
            response.send("short");
        });
        any(routing, cancellable, "/long", (request, response) -> {
            response.contentLength(2);
            response.send("more");
        });
        any(routing, cancellable, "/long-with-empty-line", (request, response) -> {
            response.contentLength(2);
            response.send("more\r\n\r\nxy");
        });
        any(routing, cancellable, "/exact", (request, response) -> {
            response.contentLength(4);
            response.send("text");
        });
        any(routing, cancellable, "/exact-stream", (request, response) -> {
            response.contentLength(4);
            try (OutputStream stream = response.outputStream()) {
                stream.write("te".getBytes());
                stream.write("xt".getBytes());
            }
        });
        any(routing, cancellable, "/chunks", (request, response) -> {
            try (OutputStream stream = response.outputStream()) {
                stream.write(new byte[10_000]);
                stream.flush();
                stream.write(new byte[10_000]);
            }
        });
        any(routing, cancellable, "/next", (request, response) -> {
            trail.add("next");
            response.send("next");
        });
    }

    private static void any(HttpRouting.Builder routing, boolean cancellable, String path, Handler handler) {
        routing.any(path, cancellable ? Hangup.cancellable(handler) : handler);
    }

    private static String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }
}
