package dev.hangup.internal.http1;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Requests of HTTP/1.0, which health checks and older proxies send: they get their response, without chunks, and the connection
 * ends with it.
 */
class Http10Test {
    private static final Trail TRAIL = new Trail();
    private static final String LARGE = "0123456789abcdef".repeat(4096);
    private static TestServer clear;
    private static TestServer secure;

    @BeforeAll
    static void start() {
        clear = TestServer.start(Transport.CLEAR, Http10Test::routes);
        secure = TestServer.start(Transport.TLS_1_3, Http10Test::routes);
    }

    @AfterAll
    static void stop() {
        clear.close();
        secure.close();
    }

    @ParameterizedTest
    @EnumSource(value = Transport.class, names = {"CLEAR", "TLS_1_3"})
    void requestGetsItsResponse(Transport transport) {
        assertEquals(new Answer(200, "host localhost, HTTP/1.1"), ask(transport, "GET /host HTTP/1.0\r\n\r\n"));
    }

    @Test
    void plainCheckOfHaproxyGetsAResponse() {
        assertEquals(404, ask(Transport.CLEAR, "OPTIONS / HTTP/1.0\r\n\r\n").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Host: example.com", "X: y\r\nHOST: example.com", "host:example.com\r\nConnection: keep-alive"})
    void hostOfTheClientRemains(String fields) {
        assertEquals("host example.com, HTTP/1.1", ask(Transport.CLEAR, "GET /host HTTP/1.0\r\n" + fields + "\r\n\r\n").body());
    }

    @ParameterizedTest
    @EnumSource(value = Transport.class, names = {"CLEAR", "TLS_1_3"})
    void responseOfUnknownLengthComesWithoutChunks(Transport transport) {
        assertEquals(new Answer(200, LARGE.repeat(3)), ask(transport, "GET /stream HTTP/1.0\r\n\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chunked", "/empty-stream", "/trailers"})
    void noResponseHasChunks(String path) {
        assertEquals(new Answer(200, path.equals("/empty-stream") ? "" : "some"),
                     ask(Transport.CLEAR, "GET " + path + " HTTP/1.0\r\nTE: trailers\r\n\r\n"));
    }

    @Test
    void headHasNoContent() {
        assertEquals(new Answer(200, ""), ask(Transport.CLEAR, "HEAD /head HTTP/1.0\r\n\r\n"));
    }

    @ParameterizedTest
    @EnumSource(value = Transport.class, names = {"CLEAR", "TLS_1_3"})
    void bodyIsRead(Transport transport) {
        assertEquals(new Answer(200, LARGE), ask(transport, "POST /echo HTTP/1.0\r\nContent-Length: " + LARGE.length()
                + "\r\n\r\n" + LARGE));
    }

    /** The client expects nothing: HTTP/1.0 has no interim responses. */
    @Test
    void expectationIsIgnored() {
        assertEquals(new Answer(200, "some"), ask(Transport.CLEAR, "POST /echo HTTP/1.0\r\nExpect: 100-continue\r\n"
                + "Content-Length: 4\r\n\r\nsome"));
    }

    @Test
    void upgradeIsIgnored() {
        assertEquals(new Answer(200, "host localhost, HTTP/1.1"), ask(Transport.CLEAR, "GET /host HTTP/1.0\r\n"
                + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"));
    }

    /** A proxy that ignores the field, as one of HTTP/1.0 may, sees another end of the request. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Content-Length: 5\r\n"})
    void chunksOfTheClientAreRefused(String length) {
        Answer answer = ask(Transport.CLEAR, "POST /echo HTTP/1.0\r\n" + length + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                + "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assertEquals(400, answer.status());
        assertFalse(TRAIL.events().contains("smuggled"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: keep-alive\r\n", "Content-Length: 0\r\n"})
    void nothingIsRunBehindARequest(String fields) {
        Answer answer = ask(Transport.CLEAR, "GET /host HTTP/1.0\r\n" + fields + "\r\n"
                + "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\nGET /smuggled HTTP/1.0\r\n\r\n");
        assertEquals(new Answer(200, "host localhost, HTTP/1.1"), answer);
        assertFalse(TRAIL.events().contains("smuggled"));
    }

    /** As a proxy may send it that uses its connections again. */
    @Test
    void requestMayFollowOneOfHttp11() {
        try (RawClient client = clear.connect()) {
            assertEquals(200, client.get("/host").read().status());
            client.send("GET /stream HTTP/1.0\r\n\r\n");
            assertEquals(new Answer(200, LARGE.repeat(3)), Answer.of(client.readToEnd()));
        }
    }

    @Test
    void http11IsAsItWas() {
        try (RawClient client = clear.connect()) {
            client.get("/stream", "X: GET / HTTP/1.0\r\n");
            RawClient.Response response = client.read();
            assertEquals("chunked", response.headers().get("transfer-encoding"));
            assertEquals(LARGE.repeat(3), response.text());
            client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 13\r\n\r\n / HTTP/1.0\r\n");
            assertEquals(" / HTTP/1.0\r\n", client.read().text());
            assertEquals(200, client.get("/host").read().status());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 30})
    void bytesMayComeInPieces(int length) {
        String request = "POST /echo HTTP/1.0\r\nX: y\r\nContent-Length: 4\r\n\r\nsome";
        try (RawClient client = clear.connect()) {
            for (int at = 0; at < request.length(); at += length) {
                client.send(request.substring(at, Math.min(request.length(), at + length)));
            }
            assertEquals(new Answer(200, "some"), Answer.of(client.readToEnd()));
        }
    }

    @ParameterizedTest
    @MethodSource("tooLong")
    void headerThatIsTooLongIsRefused(String request, int status) {
        assertEquals(status, ask(Transport.CLEAR, request).status());
    }

    @Test
    @Tag("departure")
    void departureIsNoticed() {
        try (RawClient client = clear.connect()) {
            client.send("GET /wait HTTP/1.0\r\n\r\n");
            TRAIL.await("waits");
            client.leave();
            TRAIL.await("interrupted");
            assertEquals("/wait", clear.nextEnd(it -> it.outcome() == Outcome.DISCONNECTED).route());
        }
    }

    @Test
    void deadlineIsAnswered() {
        Answer answer = ask(Transport.CLEAR, "GET /wait HTTP/1.0\r\nX-Request-Timeout-Ms: 200\r\n\r\n");
        assertEquals(503, answer.status());
        assertTrue(answer.body().contains("\"status\":503"), answer.body());
    }

    /** The client can see that something is missing only if it was told the length. */
    @Test
    void streamThatIsCutOffEndsWithTheConnection() {
        try (RawClient client = clear.connect()) {
            client.send("GET /stream-then-wait HTTP/1.0\r\n\r\n");
            byte[] expected = "some".getBytes(StandardCharsets.US_ASCII);
            assertTrue(client.readHead().toLowerCase(Locale.ROOT).contains("connection: close"));
            assertArrayEquals(expected, client.readToEnd());
        }
    }

    private static Stream<Arguments> tooLong() {
        return Stream.of(Arguments.of("GET /" + "a".repeat(5000) + " HTTP/1.0\r\n\r\n", 414),
                         Arguments.of("GET / HTTP/1.0\r\nX: " + "a".repeat(40_000), 505));
    }

    private static void routes(HttpRouting.Builder routing) {
        routing.get("/host", (req, res) -> res.send("host " + req.headers().get(HeaderNames.HOST).get() + ", "
                                                            + req.prologue().rawProtocol()))
                .get("/stream", Hangup.cancellable((req, res) -> {
                    try (var out = res.outputStream()) {
                        for (int i = 0; i < 3; i++) {
                            out.write(LARGE.getBytes(StandardCharsets.US_ASCII));
                            out.flush();
                        }
                    }
                }))
                .get("/empty-stream", (req, res) -> res.outputStream().close())
                .get("/chunked", (req, res) -> res.header(HeaderValues.TRANSFER_ENCODING_CHUNKED).send("some"))
                .get("/trailers", (req, res) -> {
                    res.header(HeaderNames.TRAILER, "X-Sum");
                    try (var out = res.outputStream()) {
                        out.write("so".getBytes(StandardCharsets.US_ASCII));
                        out.flush();
                        out.write("me".getBytes(StandardCharsets.US_ASCII));
                    }
                })
                .head("/head", (req, res) -> res.send())
                .post("/echo", Hangup.cancellable((req, res) -> res.send(req.content().as(String.class))))
                .get("/smuggled", (req, res) -> {
                    TRAIL.add("smuggled");
                    res.send("smuggled");
                })
                .get("/wait", Hangup.cancellable((req, res) -> {
                    TRAIL.add("waits");
                    try {
                        Thread.sleep(Duration.ofMinutes(1));
                    } finally {
                        TRAIL.add("interrupted");
                    }
                }))
                .get("/stream-then-wait", Hangup.cancellable((req, res) -> {
                    var out = res.outputStream();
                    out.write("some".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    Time.isUp(req, res);
                    Thread.sleep(Duration.ofMinutes(1));
                }));
    }

    private static Answer ask(Transport transport, String request) {
        try (RawClient client = (transport == Transport.CLEAR ? clear : secure).connect()) {
            return Answer.of(client.send(request).readToEnd());
        }
    }

    /** What came until the server closed. */
    private record Answer(int status, String body) {
        static Answer of(byte[] bytes) {
            String text = new String(bytes, StandardCharsets.US_ASCII);
            int end = text.indexOf("\r\n\r\n");
            assertTrue(end > 0, "No response, but '" + text + "'");
            List<String> fields = text.substring(0, end).toLowerCase(Locale.ROOT).lines().toList();
            assertTrue(fields.contains("connection: close"), text.substring(0, end));
            assertTrue(fields.stream().noneMatch(it -> it.startsWith("transfer-encoding") || it.startsWith("trailer")),
                       text.substring(0, end));
            return new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(end + 4));
        }
    }
}
