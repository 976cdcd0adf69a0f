package dev.hangup.internal.connection;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingSocket;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.BadRequestException;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** How connections end under TLS: a close_notify follows what is complete and nothing else, and nothing stays behind. */
class TlsEndTest {
    private static final byte[] LARGE = new byte[10 * 1024 * 1024];

    static {
        new Random(42).nextBytes(LARGE);
    }

    private final Trail trail = new Trail();
    private final CompletableFuture<Thread> writer = new CompletableFuture<>();

    @AfterEach
    void nothingStaysBehind() {
        Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void answerOfADeadlineEndsInGoodOrder(Transport transport) throws IOException {
        try (TestServer server = start(transport);
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = transport.over(tcp)) {
            assertEquals(503, client.get("/late").read().status());
            assertEquals(0, client.readToEnd().length);
            assertTrue(tcp.endedInGoodOrder());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void answerIsOutBeforeUnresponsiveWorkEndsAndEndsInGoodOrder(Transport transport) throws IOException {
        try (TestServer server = start(transport);
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = transport.over(tcp)) {
            assertEquals(503, client.get("/unresponsive").read().status());
            trail.await("interrupted");
            trail.add("answered");
            assertEquals(0, client.readToEnd().length);
            assertTrue(tcp.endedInGoodOrder());
            assertEquals(List.of("started", "interrupted", "answered", "released"), trail.events());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void answerOfAServerThatStopsEndsInGoodOrder(Transport transport) throws IOException {
        try (TestServer server = start(transport, config -> config.shutdownGracePeriod(Duration.ofSeconds(25)),
                                       hangup -> hangup.drain(Duration.ofMillis(50)));
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = transport.over(tcp)) {
            client.get("/work");
            trail.await("started");
            server.close();
            assertEquals(503, client.read().status());
            assertEquals(0, client.readToEnd().length);
            assertTrue(tcp.endedInGoodOrder());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void answerThatIsCutOffDoesNot(Transport transport) throws IOException {
        try (TestServer server = start(transport, config -> config.shutdownGracePeriod(Duration.ofSeconds(25)),
                                       hangup -> hangup.drain(Duration.ZERO));
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = transport.over(tcp)) {
            client.get("/begun");
            client.readHead();
            server.close();
            assertPrefix(client, new byte[1]);
            assertFalse(tcp.endedInGoodOrder());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    /** Nothing reads from such a client any more, so that nothing but the connection's own thread can close its socket. */
    @Test
    void responseThatIsCutOffForAClientThatSendsNoMoreDoesNot() throws IOException {
        try (TestServer server = start(Transport.TLS_1_3, config -> config.shutdownGracePeriod(Duration.ofSeconds(25)),
                                       hangup -> hangup.drain(Duration.ZERO).tolerateHalfClose(true));
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = Transport.TLS_1_3.over(tcp)) {
            client.get("/begun");
            client.readHead();
            client.endOutput();
            Await.until("the reader has ended", () -> Usage.readers() == 0);
            server.close();
            assertPrefix(client, new byte[1]);
            assertFalse(tcp.endedInGoodOrder());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    /** The client has no other sign of it if the response ends with the connection. */
    @ParameterizedTest
    @ValueSource(strings = {"/fails", "/bare/fails", "/bare/malformed", "/bare/interrupted", "/bare/short"})
    void responseThatIsNotCompletedDoesNot(String path) throws IOException {
        try (TestServer server = start(Transport.TLS_1_3);
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = Transport.TLS_1_3.over(tcp)) {
            client.send("GET " + path + " HTTP/1.0\r\n\r\n");
            client.readHead();
            assertPrefix(client, new byte[1]);
            assertFalse(tcp.endedInGoodOrder());
        }
    }

    /** Helidon's queue does not take what an interrupted thread writes, and its socket stays as it is. */
    @Test
    void responseThatTheQueueDoesNotTakeDoesNot() throws IOException {
        try (TestServer server = start(Transport.TLS_1_3, config -> config.writeQueueLength(8), hangup -> { });
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = Transport.TLS_1_3.over(tcp)) {
            client.send("GET /bare/unqueued HTTP/1.0\r\n\r\n");
            client.readHead();
            assertPrefix(client, new byte[1]);
            assertFalse(tcp.endedInGoodOrder());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/whole", "/bare/whole"})
    void responseThatIsCompleteEndsInGoodOrder(String path) throws IOException {
        try (TestServer server = start(Transport.TLS_1_3);
                RecordingSocket tcp = new RecordingSocket(server.port());
                RawClient client = Transport.TLS_1_3.over(tcp)) {
            client.send("GET " + path + " HTTP/1.0\r\n\r\n");
            client.readHead();
            assertArrayEquals(new byte[3], client.readToEnd());
            assertTrue(tcp.endedInGoodOrder());
        }
    }

    // without a close_notify, as on plain Helidon: it interrupts the connection's thread
    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void connectionThatWasIdleForTooLongIsClosed(Transport transport) {
        try (TestServer server = start(transport, IdleConnectionTest::idles, hangup -> { });
                RawClient client = transport.connect(server.port())) {
            assertEquals("done", client.get("/lasting").read().text());
            assertEquals(0, client.readToEnd().length);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void closeNotifyInTheMiddleOfAnAnswerCutsItOff(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            client.get("/large");
            client.readHead();
            Await.untilBlocked(writer.join());
            client.endOutput();
            trail.await("stopped");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertPrefix(client, LARGE);
        }
    }

    // a handshake needs both directions at once; TLS 1.3 has none after the first
    @Test
    void renegotiationEndsTheConnection() throws IOException {
        try (TestServer server = start(Transport.TLS_1_2); RawClient client = Transport.TLS_1_2.connect(server.port())) {
            client.get("/work");
            trail.await("started");
            ((SSLSocket) client.socket()).startHandshake();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        } catch (SSLException | SocketException e) {
            // the client hears of it, too
            trail.await("interrupted");
        }
    }

    /** What still comes is the beginning of what was to come, and nothing else. */
    private static void assertPrefix(RawClient client, byte[] whole) {
        ByteArrayOutputStream came = new ByteArrayOutputStream();
        try {
            client.socket().getInputStream().transferTo(came);
        } catch (SocketException e) {
            // a reset is an end as well
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertArrayEquals(Arrays.copyOf(whole, came.size()), came.toByteArray());
    }

    private TestServer start(Transport transport) {
        return start(transport, config -> { }, hangup -> { });
    }

    private TestServer start(Transport transport, Consumer<WebServerConfig.Builder> server,
                             Consumer<HangupConfig.Builder> hangup) {
        return TestServer.start(config -> config.update(transport::configure).update(server), hangup, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        Duration soon = Duration.ofMillis(100);
        routing.get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/late", Hangup.cancellable(soon, (request, response) -> trail.workUntilInterrupted()))
                .get("/unresponsive", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.ignoreInterruptsUntil("answered");
                }))
                .get("/lasting", Hangup.cancellable(request -> {
                    // until the reader reads ahead
                    Await.until("the server reads ahead", () -> Usage.connectionThreads() == 2);
                    return "done";
                }))
                .get("/begun", Hangup.cancellable(this::begin))
                .get("/fails", Hangup.cancellable((request, response) -> fail(response)))
                .get("/bare/fails", (request, response) -> fail(response))
                .get("/bare/malformed", (request, response) -> {
                    write(response.outputStream());
                    throw new BadRequestException("malformed");
                })
                .get("/bare/interrupted", (request, response) -> {
                    write(response.outputStream());
                    Thread.currentThread().interrupt();
                    throw new InterruptedException();
                })
                .get("/bare/short", (request, response) -> {
                    response.contentLength(10);
                    write(response.outputStream());
                })
                .get("/bare/unqueued", (request, response) -> {
                    try (OutputStream stream = response.outputStream()) {
                        write(stream);
                        Thread.currentThread().interrupt();
                        assertThrows(IllegalStateException.class, () -> stream.write(LARGE));
                        assertTrue(Thread.interrupted());
                    }
                })
                .get("/whole", Hangup.cancellable((request, response) -> complete(response)))
                .get("/bare/whole", (request, response) -> complete(response))
                .get("/large", Hangup.cancellable(this::large));
    }

    private static void fail(ServerResponse response) throws IOException {
        write(response.outputStream());
        throw new IllegalStateException("The rest cannot be computed");
    }

    private static void complete(ServerResponse response) throws IOException {
        try (OutputStream stream = response.outputStream()) {
            for (int i = 0; i < 3; i++) {
                write(stream);
            }
        }
    }

    private static void write(OutputStream stream) throws IOException {
        stream.write(0);
        stream.flush();
    }

    private void begin(ServerRequest request, ServerResponse response) throws Exception {
        response.contentLength(10);
        write(response.outputStream());
        trail.workUntilInterrupted();
    }

    private void large(ServerRequest request, ServerResponse response) throws IOException {
        writer.complete(Thread.currentThread());
        response.contentLength(LARGE.length);
        try (OutputStream stream = response.outputStream()) {
            for (int sent = 0; sent < LARGE.length; sent += 64 * 1024) {
                stream.write(Arrays.copyOfRange(LARGE, sent, sent + 64 * 1024));
            }
        } finally {
            trail.add("stopped");
        }
    }
}
