package dev.hangup.internal.http1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.HeaderValues;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A body that a response has left unread is never run as a request, whatever is in it and whenever it comes. */
class UnreadBodyTest {
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String EXPECT = "Expect: 100-continue\r\n";
    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";
    private static final List<Arguments> ROUTES = Stream.of(Transport.values())
            .flatMap(it -> Stream.of(Arguments.of(it, true), Arguments.of(it, false)))
            .toList();

    private final Trail trail = new Trail();

    @ParameterizedTest
    @FieldSource("ROUTES")
    void expectedBodyThatIsSentAtOnce(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/unread", EXPECT, SMUGGLED));
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void expectedBodyInChunks(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, "POST /unread HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n" + EXPECT
                + "\r\n" + Integer.toHexString(SMUGGLED.length()) + "\r\n" + SMUGGLED + "\r\n0\r\n\r\n");
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void requestBehindAnExpectedBody(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/unread", EXPECT, "body") + SMUGGLED);
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void expectedBodyOfAnEncodedRequest(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/unread", EXPECT + "Content-Encoding: gzip\r\n", zipped()) + SMUGGLED);
    }

    /** Helidon waits for ever for the end of a body whose content has ended before. */
    @ParameterizedTest
    @FieldSource("ROUTES")
    void whatFollowsTheEndOfEncodedContent(Transport transport, boolean cancellable) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            client.send(post("/unread", "Content-Encoding: gzip\r\n", zipped() + SMUGGLED.repeat(100)));
            String received = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
            assertTrue(received.startsWith("HTTP/1.1 200 "), received);
            assertEquals(0, received.lastIndexOf("HTTP/1.1 "), received);
            client.close();
            Await.until("the connection is gone", () -> Usage.connectionThreads() == 0);
            assertEquals(List.of("unread"), trail.events());
        }
    }

    /** Decoders read to the end of the content, not of the body. */
    @ParameterizedTest
    @FieldSource("ROUTES")
    void requestBehindEncodedContentThatWasRead(Transport transport, boolean cancellable) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            for (String behind : new String[] {"", SMUGGLED.repeat(100)}) {
                String body = deflated("content") + behind;
                client.send(post("/read", "Content-Encoding: deflate\r\n", body));
                assertEquals("content", client.read().text());
                client.send("POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
                                    + "Content-Encoding: deflate\r\n\r\n"
                                    + Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n");
                assertEquals("content", client.read().text());
            }
            client.get("/victim");
            assertEquals("victim", client.read().text());
            assertEquals(List.of("victim"), trail.events());
        }
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void expectedBodyOfAResponseThatIsStreamed(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/streamed", EXPECT, SMUGGLED));
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void expectedBodyOfAHandlerThatThrows(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/throws", EXPECT, SMUGGLED));
    }

    @Test
    void expectedBodyOfARequestWithoutARoute() {
        isNotRun(Transport.CLEAR, false, post("/nowhere", EXPECT, SMUGGLED));
    }

    /** Allowed by RFC 9110, 10.1.1; the body is in the way of the response no more. */
    @ParameterizedTest
    @FieldSource("ROUTES")
    void expectedBodyThatIsSentAfterTheResponse(Transport transport, boolean cancellable) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            client.send(head("/unread", EXPECT, SMUGGLED.length()));
            RawClient.Response response = client.read();
            assertEquals("close", response.headers().get("connection"));
            try {
                client.send(SMUGGLED).endOutput();
            } catch (UncheckedIOException e) {
                // on a slow machine, the server has waited for it long enough
            }
            assertEquals("", new String(client.readToEnd()));
            assertEquals(List.of("unread"), trail.events());
        }
    }

    /** It once read an empty body, and wrote a 100 Continue behind its response. */
    @ParameterizedTest
    @FieldSource("ROUTES")
    void expectedBodyThatIsReadAfterTheResponse(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/late", EXPECT, SMUGGLED));
    }

    /** Its 100 Continue was once written into the middle of the response. */
    @Test
    void expectedBodyThatIsReadInTheMiddleOfTheResponseIsNotContinued() {
        try (TestServer server = start(Transport.CLEAR, false); RawClient client = server.connect()) {
            client.send(post("/begun", EXPECT, "body"));
            RawClient.Response response = client.read();
            assertEquals("begun body", response.text());
            assertEquals("close", response.headers().get("connection"));
            client.endOutput();
            assertEquals("", new String(client.readToEnd()));
        }
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void bodyOfARequestThatClosesTheConnection(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/unread", "Connection: close\r\n", SMUGGLED));
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void bodyOfAResponseThatClosesTheConnection(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/closes", "", SMUGGLED));
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void requestBehindOneThatClosesTheConnection(Transport transport, boolean cancellable) {
        isNotRun(transport, cancellable, post("/read", "Connection: close\r\n", "body") + SMUGGLED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/streamed", "/throws", "/nowhere", "/closes"})
    void requestBehindAnyResponseThatClosesTheConnection(String path) {
        isNotRun(Transport.CLEAR, true, post(path, "Connection: Keep-Alive, CLOSE\r\n", "body") + SMUGGLED);
        isNotRun(Transport.CLEAR, false, post(path, "Connection: close\r\n", "") + SMUGGLED);
    }

    @ParameterizedTest
    @FieldSource("ROUTES")
    void connectionGoesOnAfterAnExpectedBodyThatIsRead(Transport transport, boolean cancellable) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            for (String path : List.of("/read", "/echo", "/read")) {
                client.send(head(path, EXPECT, 4));
                assertEquals(CONTINUE, client.readHead());
                client.send("body");
                RawClient.Response response = client.read();
                assertEquals("body", response.text());
                assertNotEquals("close", response.headers().get("connection"));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void connectionGoesOnAfterABodyThatNobodyExpectedToBeAskedFor(Transport transport) {
        try (TestServer server = start(transport, true); RawClient client = server.connect()) {
            client.send(post("/unread", "", SMUGGLED) + post("/read", "", "body"));
            assertEquals("unread", client.read().text());
            assertEquals("body", client.read().text());
        }
    }

    @Test
    void connectionGoesOnWhereAllBodiesAreContinued() {
        Http1Config http1 = Http1Config.builder().continueImmediately(true).build();
        try (TestServer server = TestServer.start(it -> it.addProtocol(http1), hangup -> { }, it -> routing(it, it2 -> it2));
                RawClient client = server.connect()) {
            client.send(post("/unread", EXPECT, SMUGGLED));
            assertEquals(CONTINUE, client.readHead());
            assertEquals("unread", client.read().text());
            client.send(post("/read", "", "body"));
            assertEquals("body", client.read().text());
        }
    }

    @Test
    void connectionGoesOnAfterAnExpectedBodyThatIsReadWithoutBeingAskedFor() {
        try (TestServer server = start(Transport.CLEAR, false); RawClient client = server.connect()) {
            client.send(post("/consumed", EXPECT, SMUGGLED) + post("/read", "", "body"));
            assertEquals("consumed", client.read().text());
            assertEquals("body", client.read().text());
        }
    }

    /** As behind a proxy: two clients, one after the other, on one connection of its pool. */
    @ParameterizedTest
    @FieldSource("ROUTES")
    void nextClientOfAProxyGetsTheResponseToItsOwnRequest(Transport transport, boolean cancellable) {
        try (TestServer server = start(transport, cancellable)) {
            RawClient connection = server.connect();
            connection.send(post("/unread", EXPECT, SMUGGLED));
            RawClient.Response first = connection.read();
            assertEquals("unread", first.text());
            if ("close".equals(first.headers().get("connection"))) {
                connection.close();
                connection = server.connect();
            }
            connection.send("GET /victim HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertEquals("victim", connection.read().text());
            connection.close();
            assertEquals(List.of("unread", "victim"), trail.events());
        }
    }

    private void isNotRun(Transport transport, boolean cancellable, String sent) {
        try (TestServer server = start(transport, cancellable); RawClient client = server.connect()) {
            client.send(sent);
            if (transport != Transport.TLS_1_2) {
                client.endOutput();
            }
            String received = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
            assertTrue(received.startsWith("HTTP/1.1 "), received);
            assertEquals(0, received.lastIndexOf("HTTP/1.1 "), received);
            assertTrue(received.contains("\r\nConnection: close\r\n"), received);
            assertFalse(trail.events().contains("smuggled"));
        }
    }

    private TestServer start(Transport transport, boolean cancellable) {
        ContentEncodingContext encodings = ContentEncodingContext.builder()
                .contentEncodingsDiscoverServices(false)
                .addContentEncoding(Encoding.GZIP)
                .addContentEncoding(Encoding.DEFLATE)
                .build();
        // a client that ends its side is still to be answered, so that there is an end of what it is told
        return TestServer.start(transport, server -> server.contentEncoding(encodings),
                                hangup -> hangup.tolerateHalfClose(transport != Transport.TLS_1_2),
                                it -> routing(it, cancellable ? Hangup::cancellable : UnaryOperator.identity()));
    }

    private void routing(HttpRouting.Builder routing, UnaryOperator<Handler> kind) {
        routing.post("/unread", kind.apply((request, response) -> {
                    trail.add("unread");
                    response.send("unread");
                }))
                .post("/streamed", kind.apply((request, response) -> {
                    try (OutputStream stream = response.outputStream()) {
                        stream.write(new byte[100_000]);
                    }
                }))
                .post("/throws", kind.apply((request, response) -> {
                    throw new IllegalArgumentException("Not my kind of request");
                }))
                .post("/closes", kind.apply((request, response) ->
                        response.header(HeaderValues.CONNECTION_CLOSE).send("closes")))
                .post("/read", kind.apply((request, response) -> response.send(request.content().as(String.class))))
                .post("/echo", kind.apply((request, response) -> {
                    try (OutputStream stream = response.outputStream()) {
                        request.content().inputStream().transferTo(stream);
                    }
                }))
                .post("/consumed", kind.apply((request, response) -> {
                    request.content().consume();
                    response.send("consumed");
                }))
                .post("/late", kind.apply((request, response) -> {
                    response.send("late");
                    request.content().as(String.class);
                }))
                .post("/begun", kind.apply((request, response) -> {
                    try (OutputStream stream = response.outputStream()) {
                        stream.write("be".getBytes());
                        stream.flush();
                        stream.write("gun ".getBytes());
                        stream.flush();
                        request.content().inputStream().transferTo(stream);
                    }
                }))
                .get("/smuggled", (request, response) -> {
                    trail.add("smuggled");
                    response.send("smuggled");
                })
                .get("/victim", (request, response) -> {
                    trail.add("victim");
                    response.send("victim");
                });
    }

    private static String post(String path, String headers, String body) {
        return head(path, headers, body.length()) + body;
    }

    private static String head(String path, String headers, int length) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "Content-Length: " + length + "\r\n\r\n";
    }

    private static String deflated(String text) {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        try (DeflaterOutputStream stream = new DeflaterOutputStream(deflated)) {
            stream.write(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return deflated.toString(StandardCharsets.ISO_8859_1);
    }

    private static String zipped() {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(SMUGGLED.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return zipped.toString(StandardCharsets.ISO_8859_1);
    }
}
