package dev.hangup.sse;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.Hangup;
import dev.hangup.Uninterruptible;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Departure;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Producers of events whose client leaves, or reads slowly. */
class DepartureFromEventsTest {
    private static final String LINE = "x".repeat(16 * 1024);
    private static final int SMALL_BUFFER = 32 * 1024;
    /** Many times what small buffers take. */
    private static final int TOO_MANY = 64;
    private static final int HTTP2_WINDOW = 65_535;
    private static final int STREAM_CLOSED = 5;
    private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

    private final Trail trail = new Trail();
    private final CompletableFuture<Thread> producer = new CompletableFuture<>();
    /** Written by the producer's thread. */
    private volatile int sent;

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#all")
    void betweenTwoEvents(Departure departure) {
        try (TestServer server = TestServer.start(departure.transport(), this::routing); RawClient client = server.connect()) {
            client.get("/pause").readHead();
            trail.await("pausing");
            departure.leave(client);
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertEquals(List.of("pausing", "interrupted"), trail.events());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void betweenTwoEventsOverHttp2(Http2Opening opening) {
        try (TestServer server = TestServer.start(opening::configure, hangup -> { }, this::routing);
                Http2Client client = opening.connect(server.port())) {
            int id = client.get("/pause");
            client.begin(id);
            trail.await("pausing");
            client.send(Http2Client.reset(id));
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd(end -> end.route().equals("/pause")).outcome());
            assertEquals(List.of("pausing", "interrupted"), trail.events());
        }
    }

    // not a test of the watcher: the write fails, and that says it all
    @ParameterizedTest
    @EnumSource
    void whileTheProducerWaitsForItsReader(Transport transport) throws Exception {
        try (TestServer server = withSmallBuffer(transport); RawClient client = slowReader(transport, server)) {
            client.get("/flood").readHead();
            Await.untilBlocked(producer.get());
            client.reset();
            trail.await("ended");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theProducerWaitsForASlowReader(Transport transport) throws Exception {
        try (TestServer server = withSmallBuffer(transport); RawClient client = slowReader(transport, server)) {
            client.get("/flood").readHead();
            Await.untilBlocked(producer.get());
            // time enough for a producer that does not wait
            for (int i = 0; i < 20; i++) {
                try (RawClient other = server.connect()) {
                    assertEquals(200, other.get("/upgrade").read().status());
                }
            }
            assertTrue(sent < TOO_MANY, "All is kept for a reader that reads nothing");
            // and all that was sent is there, in order, when it reads
            for (int i = 0; i < TOO_MANY; i++) {
                String event = "id: " + i + "\ndata: " + LINE + "\n\n";
                String chunk = Integer.toHexString(event.length()) + "\r\n" + event + "\r\n";
                assertEquals(chunk, client.read(chunk.length()));
            }
            trail.await("ended");
        }
    }

    // said by hand: the client of other tests allows as much as comes
    @Tag("departure")
    @Test
    void whileTheProducerWaitsForItsReaderOverHttp2() throws Exception {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(EMPTY_SETTINGS)
                    .send(Http2Client.headers(1, "GET", "/flood", true));
            Await.until("it has sent what it may", () -> sent * LINE.length() > HTTP2_WINDOW - 2 * LINE.length());
            Await.untilBlocked(producer.get());
            assertTrue(sent * LINE.length() <= HTTP2_WINDOW, sent + " events");
            client.send(Http2Client.reset(1));
            trail.await("ended");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource
    void readerThatTakesNothingInTimeLosesItsStream(Transport transport) throws Exception {
        try (TestServer server = withSmallBuffer(transport); RawClient client = slowReader(transport, server)) {
            // on a slow machine, the time may pass before the first event is written, and the head with it
            client.get("/bounded");
            trail.await("The client has not taken an event within 500 ms");
            trail.awaitAny(event -> event.startsWith("ended"), "the producer's end");
            // the race may see that the connection is closed before the producer has ended
            assertNotEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @Test
    void readerThatTakesNothingInTimeLosesItsStreamOverHttp2() {
        try (Logged trouble = Logged.trouble(""); TestServer server = TestServer.start(this::routing);
                RawClient client = server.connect()) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(EMPTY_SETTINGS)
                    .send(Http2Client.headers(1, "GET", "/bounded", true));
            trail.await("The client has not taken an event within 500 ms");
            trail.await("ended, and not interrupted");
            assertEquals(Outcome.STALLED, server.nextEnd().outcome());
            server.close();
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Test
    void readerThatDoesNotReadItsConnectionLosesItsStreamOverHttp2() throws Exception {
        try (TestServer server = withSmallBuffer(Transport.CLEAR); RawClient client = slowReader(Transport.CLEAR, server)) {
            byte[] largeWindow = {0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0x7f, -1, -1, -1};
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(largeWindow)
                    .send(Http2Client.windowUpdate(0, Integer.MAX_VALUE - HTTP2_WINDOW))
                    .send(Http2Client.headers(1, "GET", "/bounded", true));
            trail.await("The client has not taken an event within 500 ms");
            trail.awaitAny(event -> event.startsWith("ended"), "the producer's end");
            assertNotEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    /** The first part of the event has filled the window. Whatever came behind it would be a part of that event. */
    @ParameterizedTest
    @ValueSource(strings = {"/race/goes-on", "/race/returns", "/bare/goes-on", "/bare/returns"})
    void nothingFollowsAnEventThatWasCutShortOverHttp2(String path) {
        try (TestServer server = TestServer.start(this::routing);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port()).withoutCredit()) {
            int id = client.get(path);
            trail.await("not sent");
            client.send(Http2Client.windowUpdate(0, HTTP2_WINDOW), Http2Client.windowUpdate(id, HTTP2_WINDOW));
            trail.add("reads on");
            boolean race = path.startsWith("/race");
            assertEquals(race ? Http2Client.CANCEL : STREAM_CLOSED, client.awaitReset(id));
            assertEquals(HTTP2_WINDOW, client.soFar(id).body().length);
            if (race) {
                assertEquals(Outcome.STALLED, server.nextEnd().outcome());
            }
            if (path.endsWith("goes-on")) {
                trail.await("not sent either");
            }
        }
    }

    private void sendTooMuch(EventStream events, boolean goesOn) throws IOException {
        try {
            events.send(Event.of("x".repeat(HTTP2_WINDOW)));
        } catch (IOException e) {
            trail.add("not sent");
            trail.await("reads on");
        }
        if (goesOn) {
            try {
                events.send(Event.of("after"));
            } catch (IOException e) {
                trail.add("not sent either");
            }
        }
    }

    /** The timeout closes the connection, which cancels the work: both interrupt the producer. */
    @Test
    void cancellationThatFollowsTheTimeoutAtOnceStillInterrupts() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.get("/blocked");
            cancel(server);
            trail.await("interrupted");
            assertEquals(Outcome.CANCELLED, server.nextEnd().outcome());
        }
    }

    @Test
    void cancellationAfterTheTimeoutDoesNotInterruptUninterruptibleWork() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.get("/uninterruptible");
            cancel(server);
            trail.await("not interrupted");
            assertEquals(Outcome.CANCELLED, server.nextEnd().outcome());
        }
    }

    @Test
    void slowProducerIsNotBounded() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.get("/late").readHead();
            assertEquals("data: one\n\n", client.readChunk());
            assertEquals("data: two\n\n", client.readChunk());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @Test
    void timeForSendingMustBePositive() {
        assertThrows(IllegalArgumentException.class, () -> EventStream.of(Duration.ZERO, (request, events) -> { }));
    }

    /** Cancels the request once its timeout has interrupted the write, and has the write go on once that is under way. */
    private void cancel(TestServer server) {
        trail.await("timeout");
        Await.until("it is in flight", () -> !server.hangup().inFlight().isEmpty());
        assertTrue(server.hangup().cancel(server.hangup().inFlight().getFirst().request().id()));
        trail.add("cancelled");
    }

    /** Writes nothing; once interrupted by the timeout, waits for the cancellation and its interrupt, if that comes, and fails. */
    private OutputStream blocked(OutputStream stream, boolean awaitsInterrupt) {
        return new FilterOutputStream(stream) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                Thread thread = Thread.currentThread();
                while (!Thread.interrupted()) {
                    LockSupport.park();
                }
                trail.add("timeout");
                if (awaitsInterrupt) {
                    while (!thread.isInterrupted()) {
                        LockSupport.park();
                    }
                } else {
                    trail.await("cancelled");
                }
                throw new ClosedChannelException();
            }
        };
    }

    private void sendBlocked(ServerRequest request, ServerResponse response, boolean awaitsInterrupt) throws Exception {
        response.streamFilter(stream -> blocked(stream, awaitsInterrupt));
        EventStream.of(Duration.ofMillis(50), (ignored, events) -> {
            try {
                events.send(Event.of("never taken"));
            } catch (IOException e) {
                try {
                    Thread.sleep(awaitsInterrupt ? Await.TIME.toMillis() : 1);
                    trail.add("not interrupted");
                } catch (InterruptedException interrupted) {
                    trail.add("interrupted");
                }
            }
        }).handle(request, response);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/blocked", Hangup.cancellable((request, response) -> sendBlocked(request, response, true)));
        routing.get("/uninterruptible", Hangup.cancellable((request, response) -> Uninterruptible.call(() -> {
            sendBlocked(request, response, false);
            return null;
        })));
        routing.get("/bounded", Hangup.cancellable(EventStream.of(Duration.ofMillis(500), (request, events) -> {
            try {
                for (int i = 0; i < TOO_MANY; i++) {
                    events.send(Event.of(LINE));
                }
            } catch (IOException e) {
                trail.add(e.getMessage());
                throw e;
            } finally {
                trail.add("ended, and " + (Thread.currentThread().isInterrupted() ? "interrupted" : "not interrupted"));
            }
        })));
        for (boolean goesOn : new boolean[] {true, false}) {
            String end = goesOn ? "/goes-on" : "/returns";
            // long enough for the window to be full by then, whatever the first request has to load
            Handler cutShort = EventStream.of(Duration.ofSeconds(1), (request, events) -> sendTooMuch(events, goesOn));
            routing.get("/bare" + end, cutShort).get("/race" + end, Hangup.cancellable(cutShort));
        }
        routing.get("/late", Hangup.cancellable(EventStream.of(Duration.ofSeconds(1), (request, events) -> {
            events.send(Event.of("one"));
            TimeUnit.MILLISECONDS.sleep(1200);
            events.send(Event.of("two"));
        })));
        routing.get("/pause", Hangup.cancellable(EventStream.of((request, events) -> {
            events.send(Event.of("one"));
            trail.add("pausing");
            try {
                TimeUnit.MINUTES.sleep(1);
                trail.add("never interrupted");
            } catch (InterruptedException e) {
                trail.add("interrupted");
                throw e;
            }
        })));
        routing.get("/flood", Hangup.cancellable(EventStream.of((request, events) -> {
            producer.complete(Thread.currentThread());
            try {
                for (; sent < TOO_MANY; sent++) {
                    events.send(Event.of(LINE).id(String.valueOf(sent)));
                }
            } finally {
                trail.add("ended");
            }
        })));
        routing.get("/upgrade", (request, response) -> response.send());
    }

    private TestServer withSmallBuffer(Transport transport) {
        return TestServer.start(transport,
                                server -> server.connectionOptions(options -> options.socketSendBufferSize(SMALL_BUFFER)),
                                // under TLS a busy machine needs longer than half a minute for as small buffers
                                hangup -> hangup.deadline(Duration.ofMinutes(2)), this::routing);
    }

    private static RawClient slowReader(Transport transport, TestServer server) throws Exception {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(SMALL_BUFFER);
        socket.connect(new InetSocketAddress("localhost", server.port()));
        return transport.over(socket);
    }
}
