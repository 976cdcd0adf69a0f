package dev.hangup.internal.http1;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.http.BadRequestException;
import io.helidon.http.ForbiddenException;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Nothing is appended to a response that has begun, whatever its handler throws: the client sees that it was cut off. */
class ExceptionAfterFirstByteTest {
    private static final List<Arguments> ROUTES = Stream.of(Transport.values())
            .flatMap(it -> Stream.of(Arguments.of(it, "/bare"), Arguments.of(it, "/cancellable")))
            .toList();
    private static final HeaderName ANNOUNCED = HeaderNames.create("X-Announced");
    private static final String LENGTH = "X-Announced: yes\r\n";

    @ParameterizedTest
    @FieldSource("ROUTES")
    void malformedRequest(Transport transport, String route) {
        isCutOff(transport, route + "/malformed");
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void errorHandlerThatThrowsAnotherException(Transport transport, String route) {
        isCutOff(transport, route + "/badly-handled");
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void wholeResponseStays(Transport transport, String route) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.get(route + "/whole");
            assertEquals("whole", client.read().text());
            assertEquals("", rest(client));
        }
    }

    /** As at the end of the grace period, just when the handler has ended. */
    @ParameterizedTest
    @EnumSource
    void interruptAfterTheResponse(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.send("POST /interrupted HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody");
            assertEquals("body", client.read().text());
            assertEquals("", rest(client));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/malformed", "/badly-handled"})
    void requestHasFailedWithTheStatusThatTheClientSaw(String kind) {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/cancellable" + kind, LENGTH);
            assertTrue(client.readHead().startsWith("HTTP/1.1 202 "));
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.FAILED, end.outcome());
            assertEquals(202, end.status());
        }
    }

    /** The response has no bytes yet: that of the exception takes its place. */
    @ParameterizedTest
    @ValueSource(strings = {"/bare", "/cancellable"})
    void responseThatHasNotBegunIsReplaced(String route) {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST " + route + "/not-begun HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
                                + "Content-Length: 4\r\n\r\n");
            assertTrue(client.readHead().startsWith("HTTP/1.1 100 "));
            client.send("body");
            assertEquals(400, client.read().status());
            assertEquals("", rest(client));
        }
    }

    /** Helidon's queue would take further bytes after a write that was interrupted. */
    @Test
    void nothingFollowsWhatCouldNotBeWritten() {
        try (TestServer server = start(Transport.CLEAR_QUEUED); RawClient client = server.connect()) {
            client.get("/incomplete").readHead();
            assertEquals("1\r\n1\r\n", rest(client));
        }
    }

    private static void isCutOff(Transport transport, String path) {
        try (TestServer server = start(transport)) {
            assertEquals("1", contentAfter(server, path, " HTTP/1.1\r\n" + LENGTH));
            assertEquals("1\r\n1\r\n", contentAfter(server, path, " HTTP/1.1\r\n"));
            assertEquals("1", contentAfter(server, path, " HTTP/1.0\r\n"));
        }
    }

    private static String contentAfter(TestServer server, String path, String version) {
        try (RawClient client = server.connect()) {
            client.send("GET " + path + version + "Host: localhost\r\n\r\n");
            assertTrue(client.readHead().startsWith("HTTP/1.1 202 "));
            return rest(client);
        }
    }

    private static String rest(RawClient client) {
        return new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
    }

    private static TestServer start(Transport transport) {
        return TestServer.start(transport, ExceptionAfterFirstByteTest::routing);
    }

    private static void routing(HttpRouting.Builder routing) {
        route(routing, "/malformed", (request, response) -> {
            begin(request.headers().contains(ANNOUNCED), response);
            throw new BadRequestException("malformed");
        });
        route(routing, "/badly-handled", (request, response) -> {
            throw new ArithmeticException();
        });
        route(routing, "/whole", (request, response) -> {
            response.send("whole");
            throw new BadRequestException("late");
        });
        route(routing, "/not-begun", (request, response) -> {
            request.content().as(String.class);
            response.outputStream().write(1);
            throw new BadRequestException("malformed");
        });
        routing.error(ArithmeticException.class, (request, response, e) -> {
            begin(request.headers().contains(ANNOUNCED), response);
            throw new ForbiddenException("of the error handler");
        });
        routing.post("/interrupted", (request, response) -> {
            response.send(request.content().as(String.class));
            Thread.currentThread().interrupt();
        });
        routing.get("/incomplete", (request, response) -> writeWithAGap(response.outputStream()));
    }

    private static void route(HttpRouting.Builder routing, String path, Handler handler) {
        routing.any("/bare" + path, handler).any("/cancellable" + path, Hangup.cancellable(handler));
    }

    private static void begin(boolean announced, ServerResponse response) {
        response.status(Status.ACCEPTED_202);
        if (announced) {
            response.contentLength(10);
        }
        try {
            writeOne(response.outputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeOne(OutputStream stream) throws IOException {
        stream.write('1');
        stream.flush();
    }

    private static void writeWithAGap(OutputStream stream) throws IOException {
        writeOne(stream);
        Thread.currentThread().interrupt();
        // larger than any buffer
        assertThrows(IllegalStateException.class, () -> stream.write(new byte[64 * 1024]));
        assertTrue(Thread.interrupted());
        // as a handler that overlooks the failure would go on
        stream.write('3');
        stream.close();
    }
}
