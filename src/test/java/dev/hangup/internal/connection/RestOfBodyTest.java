package dev.hangup.internal.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.BadRequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * The work of a request has ended before the body has arrived, and Helidon reads the rest before it responds or continues. The
 * request's deadline bounds that as well.
 */
class RestOfBodyTest {
    private static final Duration DEADLINE = Duration.ofMillis(300);
    /** So long that what a client sends at once arrives in time. */
    private static final Duration LONG_DEADLINE = Duration.ofSeconds(2);
    private static final String HEAD = "Host: localhost\r\nContent-Length: 100\r\n\r\n";
    private static final String PART = "0123456789";
    private static final String REST = PART.repeat(9);

    private static final int PING = 6;
    private static final int FRAME_HEADER = 9;

    private final Trail trail = new Trail();
    private Quiet quiet;

    @BeforeEach
    void expectFailures() {
        quiet = Quiet.below(Level.OFF, "io.helidon.webserver");
    }

    @AfterEach
    void restoreLog() {
        quiet.close();
    }

    @ParameterizedTest
    @EnumSource
    void clientOfFailedWorkHasItsResponseAtTheDeadline(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.send("POST /throws HTTP/1.1\r\n" + HEAD + PART);
            RawClient.Response response = client.read();
            assertEquals(500, response.status());
            assertEquals("close", response.headers().get("connection"));
            awaitEnd(client);
        }
    }

    @Test
    void chunksMayBeMissingToo() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /throws HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\na\r\n" + PART + "\r\n");
            assertEquals(500, client.read().status());
            awaitEnd(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientThatSendsByteAfterByteIsCutOff(Transport transport) {
        try (TestServer server = start(transport, it -> it.lingeringClose(Duration.ofMillis(200)));
                RawClient client = server.connect()) {
            client.send("POST /throws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n");
            assertThrows(UncheckedIOException.class, () -> {
                for (int i = 0; i < 1_000_000; i++) {
                    client.send("x");
                    LockSupport.parkNanos(1_000_000);
                }
            });
            awaitNoConnection();
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionEndsAtTheDeadlineAfterAResponse(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.send("POST /answers HTTP/1.1\r\n" + HEAD + PART);
            assertEquals(200, client.read().status());
            awaitEnd(client);
        }
    }

    @Test
    void connectionOfARefusedRequestEndsAtTheDeadline() {
        try (TestServer server = start(Transport.CLEAR, it -> it.deadline(DEADLINE)); RawClient client = server.connect()) {
            client.send("POST /refused HTTP/1.1\r\nX-Request-Timeout-Ms: soon\r\n" + HEAD + PART);
            assertEquals(400, client.read().status());
            awaitEnd(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void restThatArrivesInTimeLeavesTheConnectionAsItWas(Transport transport) {
        try (TestServer server = start(transport); RawClient client = server.connect()) {
            client.send("POST /answers-in-time HTTP/1.1\r\n" + HEAD + PART);
            assertEquals(200, client.read().status());
            long answered = System.nanoTime();
            client.send(REST).get("/waits");
            trail.await("waits");
            Await.until("the deadline of the request before has passed",
                        () -> System.nanoTime() - answered > LONG_DEADLINE.plus(DEADLINE).toNanos());
            trail.add("may end");
            assertEquals("waited", client.read().text());
        }
    }

    @Test
    void bareHandlerThatARequestIsPassedOnToHasNoDeadline() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            long sent = System.nanoTime();
            client.send("POST /passes HTTP/1.1\r\n" + HEAD + PART);
            trail.await("reads");
            Await.until("the deadline has passed", () -> System.nanoTime() - sent > 2 * DEADLINE.toNanos());
            client.send(REST);
            assertEquals(PART + REST, client.read().text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamOfFailedWorkIsResetAtTheDeadline(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/waits");
            trail.await("waits");
            int id = client.post("/throws");
            client.send(Http2Client.data(id, PART.getBytes(), false));
            assertEquals(Http2Client.CANCEL, client.awaitReset(id));
            trail.add("may end");
            assertEquals("waited", client.answer(other).text());
            Await.until("no stream has a thread", () -> Usage.streamThreads() == 0);
        }
    }

    static List<byte[]> partsOfFrames() {
        byte[] ping = Http2Client.frame(PING, 0, 0, new byte[8]);
        byte[] data = Http2Client.data(1, new byte[90], false);
        byte[] lastData = Http2Client.data(1, new byte[90], true);
        return Stream.of(ping, data, lastData).map(it -> Arrays.copyOf(it, FRAME_HEADER)).toList();
    }

    /** Helidon once received nothing while it had a part of a frame. */
    @ParameterizedTest
    @MethodSource("partsOfFrames")
    void streamIsResetThoughAFrameIsNotWhole(byte[] part) {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/throws");
            client.send(Http2Client.data(id, PART.getBytes(), false), part);
            client.awaitReset(id);
            Await.until("no stream has a thread", () -> Usage.streamThreads() == 0);
        }
    }

    /** Helidon returns the permit before it waits for the rest of such a body. */
    @ParameterizedTest
    @ValueSource(strings = {"/throws-amid-its-response", "/finds-it-malformed", "/closes"})
    void streamWithoutAWholeResponseIsResetAtTheDeadline(String path) {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post(path);
            client.send(Http2Client.data(id, PART.getBytes(), false));
            client.awaitReset(id);
            Await.until("no stream has a thread", () -> Usage.streamThreads() == 0);
        }
    }

    @Test
    void slowErrorHandlerRespondsOnceTheBodyIsWhole() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/fails-slowly");
            client.send(Http2Client.data(id, PART.getBytes(), true));
            assertEquals("handled", client.answer(id).text());
        }
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /fails-slowly HTTP/1.1\r\n" + HEAD + PART + REST);
            RawClient.Response response = client.read();
            assertEquals("handled", response.text());
            assertEquals("keep-alive", response.headers().get("connection"));
        }
    }

    /** The body is still missing at the deadline, but nothing waits for it. */
    @Test
    void responseOfAnErrorHandlerIsNotCutOffAtTheDeadline() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/fails-with-a-stream");
            client.send(Http2Client.data(id, PART.getBytes(), false));
            assertEquals("first, last", client.answer(id).text());
        }
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /fails-with-a-stream HTTP/1.1\r\n" + HEAD + PART);
            assertEquals("first, last", client.read().text());
        }
    }

    /** Without a deadline of the route. */
    @Test
    void defaultDeadlineDoesNotBeginAnewForFailedWork() {
        Duration deadline = Duration.ofSeconds(4);
        try (TestServer server = start(Transport.CLEAR, it -> it.deadline(deadline)); RawClient client = server.connect()) {
            long started = System.nanoTime();
            client.send("POST /fails-later HTTP/1.1\r\n" + HEAD + PART);
            trail.await("fails later");
            Await.until("most of the time is over", () -> System.nanoTime() - started > deadline.toNanos() * 3 / 4);
            trail.add("may fail");
            assertEquals(500, client.read().status());
            assertTrue(System.nanoTime() - started < deadline.toNanos() * 3 / 2);
        }
    }

    /** Helidon ignores that it is passed on. */
    @Test
    void requestThatIsAnsweredAndPassedOnHasADeadline() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /answers-and-passes HTTP/1.1\r\n" + HEAD + PART);
            assertEquals(200, client.read().status());
            awaitEnd(client);
        }
    }

    @Test
    void streamOfFailedWorkHasItsResponseIfTheRestArrivesInTime() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/fails");
            client.send(Http2Client.data(id, PART.getBytes(), false));
            client.send(Http2Client.data(id, REST.getBytes(), true));
            assertEquals(500, client.answer(id).status());
        }
    }

    private TestServer start(Transport transport) {
        return start(transport, hangup -> { });
    }

    private TestServer start(Transport transport, Consumer<HangupConfig.Builder> hangup) {
        return TestServer.start(transport, hangup, this::routing);
    }

    private TestServer start(Http2Opening opening) {
        return TestServer.start(opening::configure, hangup -> { }, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        Handler throwing = (request, response) -> {
            throw new IllegalStateException("unread");
        };
        routing.post("/throws", limited(throwing))
                .post("/fails", Hangup.cancellable(throwing))
                .post("/fails-later", Hangup.cancellable((request, response) -> {
                    trail.add("fails later");
                    trail.await("may fail");
                    throw new IllegalStateException("unread");
                }))
                .post("/fails-slowly", limited((request, response) -> {
                    throw new SlowlyHandledException();
                }))
                .error(SlowlyHandledException.class, (request, response, e) -> {
                    request.content().consume();
                    long begun = System.nanoTime();
                    Await.until("the deadline has passed", () -> System.nanoTime() - begun > 2 * DEADLINE.toNanos());
                    response.send("handled");
                })
                .post("/fails-with-a-stream", limited((request, response) -> {
                    throw new StreamedException();
                }))
                .error(StreamedException.class, (request, response, e) -> streamBeyondTheDeadline(response))
                .post("/throws-amid-its-response", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(new byte[100_000]);
                    stream.flush();
                    limit(request, response, DEADLINE);
                    throw new IllegalStateException("unread");
                }))
                .post("/finds-it-malformed", limited((request, response) -> {
                    throw new BadRequestException("malformed");
                }))
                .post("/closes", limited((request, response) -> {
                    throw new CloseConnectionException("closes");
                }))
                .post("/answers-and-passes", limited((request, response) -> {
                    response.send("answered");
                    response.next();
                }))
                .post("/refused", Hangup.cancellable(throwing))
                .post("/answers", limited((request, response) -> response.send("answered")))
                .post("/answers-in-time", Hangup.cancellable((request, response) -> {
                    limit(request, response, LONG_DEADLINE);
                    response.send("answered");
                }))
                .post("/passes", limited((request, response) -> response.next()))
                .post("/passes", (request, response) -> {
                    trail.add("reads");
                    response.send(request.content().as(String.class));
                })
                .get("/waits", Hangup.cancellable((request, response) -> {
                    trail.add("waits");
                    trail.await("may end");
                    response.send("waited");
                }))
                .get("/upgrade", (request, response) -> response.send("upgraded"));
    }

    /** Work with a deadline that counts from its beginning: on a slow machine, another could pass before the work begins. */
    private static Handler limited(Handler work) {
        return Hangup.cancellable((request, response) -> {
            limit(request, response, DEADLINE);
            work.handle(request, response);
        });
    }

    private static void limit(ServerRequest request, ServerResponse response, Duration left) throws Exception {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - Exchange.of(request).headersReadAt());
        Hangup.cancellable(elapsed.plus(left), (req, res) -> { }).handle(request, response);
    }

    private static void streamBeyondTheDeadline(ServerResponse response) {
        try (OutputStream stream = response.outputStream()) {
            stream.write("first, ".getBytes());
            stream.flush();
            long begun = System.nanoTime();
            Await.until("the deadline has passed", () -> System.nanoTime() - begun > 2 * DEADLINE.toNanos());
            stream.write("last".getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class SlowlyHandledException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static final class StreamedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static void awaitEnd(RawClient client) {
        assertEquals("", new String(client.readToEnd()));
        awaitNoConnection();
    }

    private static void awaitNoConnection() {
        Await.until("the connection has no thread", () -> Usage.connectionThreads() == 0);
    }
}
