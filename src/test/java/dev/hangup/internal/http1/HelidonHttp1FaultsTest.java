package dev.hangup.internal.http1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.zip.GZIPOutputStream;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.response.BodyGuard;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.http.BadRequestException;
import io.helidon.http.ForbiddenException;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ErrorHandlers;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Faults of Helidon 4.5.0 in HTTP/1.1, most of which let a body be run as a request; each as long as it is there. */
class HelidonHttp1FaultsTest {
    private static final String SECOND = "GET /second HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

    private final Trail trail = new Trail();

    @Test
    @WorkedAroundBy(value = RequestFraming.class, members = "responding")
    void bodyThatWasExpectedAndNotReadIsRunAsARequest() {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send(post("/unread", "Expect: 100-continue\r\n", SECOND));
            assertEquals("unread", client.read().text());
            assertEquals("second", client.read().text());
        }
    }

    @Test
    @WorkedAroundBy(value = {RequestFraming.class, BodyGuard.class}, members = "mayContinue")
    void bodyThatIsReadAfterTheResponseIsContinuedAndEmpty() {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send("POST /late HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
            assertEquals("late", client.read().text());
            assertEquals(CONTINUE, client.readHead());
            trail.await("read ''");
        }
    }

    /** An ordinary request, since {@code Connection} does not name the upgrade. */
    @Test
    @WorkedAroundBy(value = SwitchingUpgrader.class, members = "of")
    void requestThatDoesNotAskForAnUpgradeIsPartOfOne() {
        try (PlainServer server = PlainServer.builder()
                .server(config -> config.addRouting(WsRouting.builder().endpoint("/path", new WsListener() { })))
                .start(routing -> routing.get("/path", (request, response) -> response.send("ordinary")));
                RawClient client = server.connect()) {
            client.get("/path", "Upgrade: websocket\r\n");
            assertEquals(400, client.read().status());
        }
    }

    @Test
    @WorkedAroundBy(value = Http10Requests.class, members = "get")
    void clientThatLeavesAmidItsHeaderGetsAResponse() {
        try (Quiet quiet = Quiet.below(Level.OFF, "io.helidon.webserver");
                PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send("GET /second HTTP/1.1\r\nHost: localhost\r\n").endOutput();
            assertEquals(500, client.read().status());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/closes", "/unread"})
    @WorkedAroundBy(value = {RequestFraming.class, WatchedHttp1Connection.class}, members = {"ended", "over"})
    void requestBehindTheLastOneIsRun(String path) {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send(post(path, path.equals("/closes") ? "" : "Connection: close\r\n", SECOND));
            client.read();
            assertEquals("second", client.read().text());
        }
    }

    @Test
    @WorkedAroundBy(value = RequestFraming.class, members = "routed")
    void endOfABodyWhoseContentHasEndedBeforeIsAwaitedForEver() throws Exception {
        ContentEncodingContext encodings = ContentEncodingContext.builder()
                .contentEncodingsDiscoverServices(false)
                .addContentEncoding(Encoding.GZIP)
                .build();
        try (PlainServer server = start(Http1Config.create(), encodings); RawClient client = server.connect()) {
            client.send(post("/unread", "Content-Encoding: gzip\r\n", zipped("content") + SECOND.repeat(100)));
            assertEquals("unread", client.read().text());
            server.nextConnection().awaitIn(CountDownLatch.class, "await");
        }
    }

    @Test
    @WorkedAroundBy(value = Exchange.class, members = "limitRest")
    void responseOfAFailedHandlerWaitsForTheRestOfTheBody() throws Exception {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            String whole = post("/throws", "", "body");
            client.send(whole.substring(0, whole.length() - 1));
            server.nextConnection().awaitIn(ErrorHandlers.class, "handleRequestException");
            client.send("y");
            assertEquals(500, client.read().status());
        }
    }

    /** A sign before the size, anything behind the data; and what cannot be read is followed by whatever comes. */
    @ParameterizedTest
    @ValueSource(strings = {"+4\r\nbody\r\n0\r\n\r\n", "4\r\nbody..0\r\n\r\n"})
    @WorkedAroundBy(EntityReader.class)
    void malformedChunksAreRead(String chunks) {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send("POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
            assertEquals("body", client.read().text());
        }
    }

    @Test
    @WorkedAroundBy(EntityReader.class)
    void lineBehindAMalformedChunkIsTakenForASize() {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send("POST /tries HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                                + "nothing\r\n0\r\n\r\n" + SECOND);
            assertEquals("tried", client.read().text());
            assertEquals("second", client.read().text());
        }
    }

    @Test
    @WorkedAroundBy(FramingListener.class)
    void ofTwoListenersNoneIsCalled() {
        Http1ConnectionListener listener = new Http1ConnectionListener() {
            @Override
            public void headers(ConnectionContext ctx, Headers headers) {
                trail.add("headers");
            }
        };
        Http1Config http1 = Http1Config.builder().receiveListeners(List.of(listener, listener)).build();
        try (PlainServer server = start(http1); RawClient client = server.connect()) {
            assertEquals("second", client.send(SECOND).read().text());
            assertEquals(List.of(), trail.events());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/short-stream", "/short"})
    @WorkedAroundBy(value = RequestFraming.class, members = "over")
    void responseBehindAShortOneIsTakenForItsEnd(String path) {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n" + SECOND);
            assertEquals("shortHTTP/", client.read().text());
        }
    }

    @Test
    @WorkedAroundBy(value = RequestFraming.class, members = "framed")
    void endOfALongResponseIsTakenForTheNextOne() {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send("GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n" + SECOND);
            assertEquals("mo", client.read().text());
            assertTrue(client.readHead().startsWith("reHTTP/1.1 200 "));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/malformed", "/badly-handled"})
    @WorkedAroundBy(value = Http1Exchange.class, members = "dropped")
    void responseToAnExceptionIsWrittenIntoABegunResponse(String path) {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            assertEquals("shortHTTP/", client.get(path).read().text());
        }
    }

    @Test
    @WorkedAroundBy(value = RequestFraming.class, members = "framed")
    void responseToHeadHasContent() {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            client.send("HEAD /any HTTP/1.1\r\nHost: localhost\r\n\r\n" + SECOND);
            assertTrue(client.readHead().startsWith("HTTP/1.1 200 "));
            assertTrue(client.readHead().startsWith("anyHTTP/1.1 200 "));
        }
    }

    /** As long as Helidon has HTTP/2 to choose as well. */
    @Test
    @WorkedAroundBy(Http10Requests.class)
    void requestOfHttp10GetsNoResponse() {
        try (PlainServer server = start(Http1Config.create()); RawClient client = server.connect()) {
            assertEquals(0, client.send("GET /second HTTP/1.0\r\nHost: localhost\r\n\r\n").readToEnd().length);
        }
    }

    private PlainServer start(Http1Config http1) {
        return start(http1, ContentEncodingContext.create());
    }

    private PlainServer start(Http1Config http1, ContentEncodingContext encodings) {
        return PlainServer.builder().http1(http1).server(it -> it.contentEncoding(encodings)).start(routing -> routing
                .post("/unread", (request, response) -> response.send("unread"))
                .post("/closes", (request, response) -> response.header(HeaderValues.CONNECTION_CLOSE).send("closes"))
                .post("/read", (request, response) -> response.send(request.content().as(String.class)))
                .post("/late", (request, response) -> {
                    response.send("late");
                    trail.add("read '" + request.content().as(String.class) + "'");
                })
                .post("/tries", (request, response) -> {
                    try {
                        request.content().as(String.class);
                    } catch (RuntimeException e) {
                        response.send("tried");
                    }
                })
                .post("/throws", (request, response) -> {
                    throw new IllegalStateException("unread");
                })
                .get("/short-stream", (request, response) -> begin(response))
                .get("/short", (request, response) -> {
                    response.contentLength(10);
                    response.send("short");
                })
                .get("/malformed", (request, response) -> {
                    begin(response);
                    throw new BadRequestException("malformed");
                })
                .get("/badly-handled", (request, response) -> {
                    throw new ArithmeticException();
                })
                .error(ArithmeticException.class, (request, response, e) -> {
                    begin(response);
                    throw new ForbiddenException("of the error handler");
                })
                .get("/long", (request, response) -> {
                    response.contentLength(2);
                    response.send("more");
                })
                .any("/any", (request, response) -> response.send("any"))
                .get("/second", (request, response) -> response.send("second")));
    }

    private static void begin(ServerResponse response) {
        response.contentLength(10);
        OutputStream stream = response.outputStream();
        try {
            stream.write("short".getBytes(StandardCharsets.ISO_8859_1));
            stream.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String post(String path, String headers, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    private static String zipped(String text) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(zipped)) {
            zip.write(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        return zipped.toString(StandardCharsets.ISO_8859_1);
    }
}
