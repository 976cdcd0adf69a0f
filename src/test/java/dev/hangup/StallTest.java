package dev.hangup;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.sse.SseEvent;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.sse.SseSink;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients that do not take a response that has begun, or take too little of it. */
@Execution(ExecutionMode.CONCURRENT)
class StallTest {
    private static final Duration LIMIT = Duration.ofMillis(400);
    private static final int PIECE = 8 * 1024;
    /** Many times what the buffers between client and server take. */
    private static final int TOO_MUCH = 64 * 1024 * 1024;
    private static final int MUCH = TOO_MUCH / 8;
    private static final int HTTP2_WINDOW = 65_535;
    private static final int FLOW_CONTROL_ERROR = 3;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void readerThatStopsReadingLosesItsResponse(Transport transport) {
        stopsReading(transport, "/endless");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/length", "/whole", "/sink"})
    void howeverItIsSent(String path) {
        stopsReading(Transport.CLEAR, path);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/length", "/whole"})
    void howeverItIsSentOverTls(String path) {
        stopsReading(Transport.TLS_1_3, path);
    }

    @ParameterizedTest
    @EnumSource
    void readerThatTricklesLosesItsResponse(Transport transport) {
        try (TestServer server = start(transport, hangup -> hangup.stallLimit(Duration.ofSeconds(1)).minRate(10_000_000));
                RawClient client = SlowReader.connect(transport, server.port())) {
            client.get("/endless").readHead();
            FutureTask<Throwable> reader = new FutureTask<>(() -> trickle(client));
            Thread.startVirtualThread(reader);
            assertStalled(server.nextEnd(), Duration.ofSeconds(1));
            Await.until("the connection is closed", reader::isDone);
            assertFalse(reader.resultNow() instanceof SocketTimeoutException, "The connection is open");
        }
    }

    /** As above, but nothing is asked of the client other than to take something. */
    @ParameterizedTest
    @EnumSource
    void readerThatTricklesMayDoSoWithoutALeastRate(Transport transport) {
        try (TestServer server = start(transport, hangup -> hangup.stallLimit(Duration.ofSeconds(2)).minRate(0));
                RawClient client = SlowReader.connect(transport, server.port())) {
            client.get("/much").readHead();
            long from = System.nanoTime();
            int got = 0;
            for (String chunk = client.readChunk(); !chunk.isEmpty(); chunk = client.readChunk()) {
                got += chunk.length();
                SlowReader.pause(System.nanoTime() - from < TimeUnit.SECONDS.toNanos(5) ? 20 : 0);
            }
            assertEquals(MUCH, got);
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    /** The rest of the stream is written when its result is set, and not before. */
    @Test
    void readerThatStopsReadingLosesTheEndOfItsStream() {
        try (TestServer server = TestServer.start(
                it -> it.writeBufferSize(TOO_MUCH / 4),
                hangup -> hangup.stallLimit(LIMIT),
                routing -> routing.get("/", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(new byte[TOO_MUCH / 4]);
                    stream.write(new byte[TOO_MUCH / 8]);
                    trail.add("written");
                    response.streamResult("done");
                })));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/");
            trail.await("written");
            assertStalled(server.nextEnd(), LIMIT);
        }
    }

    /** Nothing waits for the client, and before the first byte the default deadline applies. */
    @ParameterizedTest
    @ValueSource(strings = {"/listens-before", "/listens-after"})
    void listenerOfTheResponseThatWaitsIsNoStall(String path) {
        try (TestServer server = TestServer.start(
                hangup -> hangup.stallLimit(LIMIT).deadline(LIMIT.multipliedBy(5)),
                routing -> routing
                        .get("/listens-before", Hangup.cancellable((request, response) -> {
                            response.beforeSend(this::waitForAnother);
                            response.send("x");
                        }))
                        .get("/listens-after", Hangup.cancellable((request, response) -> {
                            response.whenSent(this::waitForAnother);
                            response.send("x");
                        })));
                RawClient client = server.connect()) {
            client.get(path);
            trail.await("started");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    private void waitForAnother() {
        try {
            trail.workUntilInterrupted();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void wholeResponseIsTakenPieceByPieceFromASocketOfTheOldKindToo() {
        Transport transport = Transport.CLEAR_WITHOUT_NIO;
        try (TestServer server = start(transport, hangup -> hangup.stallLimit(Duration.ofSeconds(2)).minRate(0));
                RawClient client = SlowReader.connect(transport, server.port())) {
            client.get("/million").readHead();
            for (int got = 0; got < 1024 * 1024; got += PIECE) {
                client.read(PIECE);
                SlowReader.pause(30);
            }
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.COMPLETED, end.outcome());
            assertTrue(end.elapsed().compareTo(Duration.ofSeconds(2)) > 0, end.toString());
        }
    }

    @Test
    void producerMayBeSlowerThanTheLeastRate() {
        try (TestServer server = start(Transport.CLEAR, hangup -> hangup.minRate(1_000_000));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            assertEquals("x".repeat(20), client.get("/slow").read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @Test
    void withoutALimitTheServerWaits() {
        try (TestServer server = start(Transport.CLEAR, hangup -> hangup.stallLimit(Duration.ZERO).deadline(LIMIT.multipliedBy(3)));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/much").readHead();
            Await.until("a limit would have passed", () -> server.hangup().inFlight().stream()
                    .anyMatch(it -> it.elapsed().compareTo(LIMIT.multipliedBy(4)) > 0));
            int got = 0;
            for (String chunk = client.readChunk(); !chunk.isEmpty(); chunk = client.readChunk()) {
                got += chunk.length();
            }
            assertEquals(MUCH, got);
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UPGRADE")
    void clientThatNeverOpensItsWindowLosesItsStream(Http2Opening opening) {
        try (TestServer server = start(opening::configure, hangup -> { }); Http2Client client = opening.connect(server.port())) {
            client.withoutCredit();
            int id = client.get("/endless");
            client.awaitBytes(id, HTTP2_WINDOW);
            assertEquals(Http2Client.CANCEL, client.awaitReset(id));
            trail.await("ended");
            assertStalled(server.nextEnd(), LIMIT);
            // and the connection goes on
            client.send(Http2Client.windowUpdate(0, HTTP2_WINDOW));
            assertEquals("x".repeat(20), client.answer(client.get("/slow")).text());
        }
    }

    @Test
    void clientThatOpensItsWindowTooLittleLosesItsStream() {
        try (TestServer server = start(http2 -> { }, hangup -> hangup.minRate(100_000));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.withoutCredit();
            int id = client.get("/endless");
            client.awaitBytes(id, HTTP2_WINDOW);
            long from = System.nanoTime();
            while (!client.wasReset(id) && System.nanoTime() - from < Await.TIME.toNanos()) {
                client.send(Http2Client.windowUpdate(0, 10), Http2Client.windowUpdate(id, 10));
                SlowReader.pause(20);
            }
            assertTrue(client.wasReset(id), "It goes on");
            assertEquals(Http2Client.CANCEL, client.awaitReset(id));
            assertStalled(server.nextEnd(), LIMIT);
        }
    }

    /** Each waits for the connection's window, which the others use: its client is not to blame. */
    @Test
    void streamsThatWaitForTheirTurnAreNotStalled() {
        boolean shown = false;
        for (int attempt = 0; !shown && attempt < 5; attempt++) {
            shown = streamsWaitForTheirTurn();
        }
        assertTrue(shown, "This client was held up each time");
    }

    /** Returns whether this shows anything: not if this thread was held up, so that the connection's window was closed. */
    private boolean streamsWaitForTheirTurn() {
        try (TestServer server = start(http2 -> { }, hangup -> hangup.stallLimit(Duration.ofSeconds(4)).minRate(0));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.withoutCredit();
            client.send(Http2Client.settings(4, 16 * 1024 * 1024));
            long longest = 0;
            long last = System.nanoTime();
            // a stream's turn comes after five seconds, which is longer than the limit
            // meanwhile the connection's window is never closed for long, however long it takes until all have begun
            for (int i = 0; i < 220; i++) {
                if (i < 100) {
                    client.begin(client.get("/endless"));
                } else {
                    SlowReader.pause(50);
                }
                client.send(Http2Client.windowUpdate(0, 1024));
                longest = Math.max(longest, System.nanoTime() - last);
                last = System.nanoTime();
            }
            if (longest > TimeUnit.SECONDS.toNanos(2)) {
                return false;
            }
            assertEquals(0, server.endsLeft(), "One of the streams has ended");
            return true;
        }
    }

    @Test
    void streamThatTakesNothingIsNotKeptByOthers() {
        // the other stream lives on what this thread sends, which a slow machine may hold up
        Duration limit = Duration.ofSeconds(3);
        try (TestServer server = start(http2 -> { }, hangup -> hangup.stallLimit(limit));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.withoutCredit();
            int closed = client.get("/endless");
            client.awaitBytes(closed, HTTP2_WINDOW);
            int open = client.get("/endless");
            long from = System.nanoTime();
            while (server.endsLeft() == 0 && System.nanoTime() - from < Await.TIME.toNanos()) {
                client.send(Http2Client.windowUpdate(0, 1024), Http2Client.windowUpdate(open, 1024));
                SlowReader.pause(20);
            }
            assertStalled(server.nextEnd(), limit);
            assertEquals(Http2Client.CANCEL, client.awaitReset(closed));
            assertEquals(0, server.endsLeft(), "The other stream has ended, too");
        }
    }

    @Test
    void clientThatDoesNotReadItsConnectionLosesItsStream() {
        byte[] largeWindow = Http2Client.settings(4, Integer.MAX_VALUE);
        try (TestServer server = start(http2 -> { }, hangup -> { });
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(largeWindow)
                    .send(Http2Client.windowUpdate(0, Integer.MAX_VALUE - HTTP2_WINDOW))
                    .send(Http2Client.headers(1, "GET", "/endless", true));
            trail.await("ended");
            assertStalled(server.nextEnd(), LIMIT);
        }
    }

    /** What is left of its response is the end of the stream, behind what other streams have queued. */
    @Test
    void clientThatDoesNotReadItsConnectionLosesTheStreamOfASink() {
        AtomicReference<Thread> fills = new AtomicReference<>();
        try (TestServer server = TestServer.start(SlowReader::configure, hangup -> hangup.stallLimit(LIMIT), routing -> routing
                .get("/events", Hangup.cancellable((request, response) -> {
                    SseSink events = response.sink(SseSink.TYPE);
                    events.emit(SseEvent.create("first"));
                    trail.add("emitted");
                    Await.until("the connection is full", () -> isWaiting(fills.get()) && Exchange.of(request).waitsForClient());
                    events.close();
                }))
                .get("/fills", (request, response) -> {
                    fills.set(Thread.currentThread());
                    write(response.outputStream(), TOO_MUCH);
                }));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(Http2Client.settings(4, Integer.MAX_VALUE))
                    .send(Http2Client.windowUpdate(0, Integer.MAX_VALUE - HTTP2_WINDOW))
                    .send(Http2Client.headers(1, HeaderBlock.request("GET", "/events").added("accept", "text/event-stream"), true));
            trail.await("emitted");
            client.send(Http2Client.headers(3, "GET", "/fills", true));
            assertStalled(server.nextEnd(), LIMIT);
        }
    }

    private static boolean isWaiting(Thread thread) {
        return thread != null && thread.getState() == Thread.State.WAITING;
    }

    @Test
    void clientThatHelidonGivesUpHasStalled() {
        try (TestServer server = start(http2 -> http2.addProtocol(Http2Config.builder().flowControlTimeout(LIMIT).build()),
                                       hangup -> hangup.stallLimit(Duration.ZERO));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.withoutCredit();
            int id = client.get("/endless");
            assertEquals(Http2Client.CANCEL, client.awaitReset(id));
            assertStalled(server.nextEnd(), LIMIT);
        }
    }

    /** Nothing but the reset tells the client that the rest does not come. */
    @ParameterizedTest
    @ValueSource(strings = {"/bare", "/bare-stream"})
    void bareResponseThatHelidonGivesUpIsReset(String path) {
        try (TestServer server = start(http2 -> http2.addProtocol(Http2Config.builder().flowControlTimeout(LIMIT)
                                               .maxConcurrentStreams(1).build()),
                                       hangup -> hangup.stallLimit(Duration.ZERO));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.withoutCredit();
            int id = client.get(path);
            client.awaitBytes(id, HTTP2_WINDOW);
            assertNotEquals(FLOW_CONTROL_ERROR, client.awaitReset(id));
            // and its stream does not count as open any more
            client.send(Http2Client.windowUpdate(0, HTTP2_WINDOW));
            assertEquals("x".repeat(20), client.answer(client.get("/slow")).text());
        }
    }

    @Test
    void saysNothingOfTheServersCapacity() {
        try (TestServer server = start(helidon -> {
            SlowReader.configure(helidon);
            helidon.concurrencyLimit(new RecordingLimit(trail));
        }, hangup -> { }); RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/endless").readHead();
            assertStalled(server.nextEnd(), LIMIT);
            trail.await("ignore");
        }
    }

    private void stopsReading(Transport transport, String path) {
        try (TestServer server = start(transport, hangup -> { });
                RawClient client = SlowReader.connect(transport, server.port())) {
            client.get(path, "Accept: text/event-stream, */*\r\n").readHead();
            trail.await("ended");
            RequestEnd end = server.nextEnd();
            assertStalled(end, LIMIT);
            assertEquals(200, end.status());
        }
    }

    private static void assertStalled(RequestEnd end, Duration limit) {
        assertEquals(Outcome.STALLED, end.outcome());
        assertTrue(end.elapsed().compareTo(limit) >= 0, end.toString());
        assertTrue(end.errorType().isEmpty());
    }

    /** Reads too little until nothing can be read any more; returns why. */
    private static Throwable trickle(RawClient client) {
        try {
            while (true) {
                client.read(PIECE);
                SlowReader.pause(20);
            }
        } catch (UncheckedIOException e) {
            return e.getCause();
        }
    }

    private TestServer start(Transport transport, Consumer<HangupConfig.Builder> hangup) {
        return TestServer.start(transport, SlowReader::configure, it -> it.stallLimit(LIMIT).update(hangup), this::routing);
    }

    private TestServer start(Consumer<WebServerConfig.Builder> server, Consumer<HangupConfig.Builder> hangup) {
        return TestServer.start(server, it -> it.stallLimit(LIMIT).update(hangup), this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/endless", Hangup.cancellable((request, response) -> write(response.outputStream(), Integer.MAX_VALUE)))
                .get("/much", Hangup.cancellable((request, response) -> write(response.outputStream(), MUCH)))
                .get("/length", Hangup.cancellable((request, response) -> {
                    response.headers().contentLength(TOO_MUCH);
                    write(response.outputStream(), TOO_MUCH);
                }))
                .get("/whole", Hangup.cancellable((request, response) -> {
                    try {
                        response.send(new byte[TOO_MUCH]);
                    } finally {
                        trail.add("ended");
                    }
                }))
                .get("/sink", Hangup.cancellable((request, response) -> {
                    try (SseSink events = response.sink(SseSink.TYPE)) {
                        while (true) {
                            events.emit(SseEvent.create("x".repeat(PIECE)));
                        }
                    } finally {
                        trail.add("ended");
                    }
                }))
                .get("/million", Hangup.cancellable((request, response) -> response.send(new byte[1024 * 1024])))
                .get("/bare", (request, response) -> response.send(new byte[TOO_MUCH]))
                .get("/bare-stream", (request, response) -> write(response.outputStream(), TOO_MUCH))
                .get("/slow", Hangup.cancellable(StallTest::slow));
    }

    private void write(OutputStream stream, int bytes) throws IOException {
        byte[] piece = "x".repeat(PIECE).getBytes(StandardCharsets.US_ASCII);
        try {
            for (int written = 0; written < bytes; written += PIECE) {
                stream.write(piece);
            }
        } finally {
            trail.add("ended");
        }
    }

    private static void slow(ServerRequest request, ServerResponse response) throws Exception {
        OutputStream stream = response.outputStream();
        for (int i = 0; i < 20; i++) {
            stream.write('x');
            stream.flush();
            TimeUnit.NANOSECONDS.sleep(LIMIT.dividedBy(5).toNanos());
        }
    }
}
