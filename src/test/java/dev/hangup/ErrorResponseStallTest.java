package dev.hangup;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.logging.Level;

import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.http.DirectHandler;
import io.helidon.http.ServerResponseHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Clients that do not take what the server writes when no work runs: refusals, responses in place of cancelled work, and
 * responses of error handlers. The server has two permits, and a third client needs one of them.
 */
class ErrorResponseStallTest {
    private static final Duration LIMIT = Duration.ofMillis(400);
    /** Many times what the buffers between client and server take. */
    private static final int MUCH = 8 * 1024 * 1024;
    private static final int PERMITS = 2;
    private static final int HTTP2_WINDOW = 65_535;
    private static final String MALFORMED = "X-Request-Timeout-Ms: soon\r\n";
    private static final String SHORT = "X-Request-Timeout-Ms: 100\r\n";

    private final Trail trail = new Trail();
    private final Semaphore permits = new Semaphore(PERMITS);
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger pieces = new AtomicInteger();
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
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLEAR_QUEUED")
    void refusals(Transport transport) {
        takesNothing(transport, client -> client.get("/large-header", MALFORMED));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLEAR_QUEUED")
    void responsesInPlaceOfCancelledWork(Transport transport) {
        takesNothing(transport, client -> client.get("/large-header", SHORT));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLEAR_QUEUED")
    void responsesOfErrorHandlers(Transport transport) {
        takesNothing(transport, client -> client.get("/throws"));
    }

    /** Nothing reads a socket whose client has ended its side, so no read of it can be interrupted. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLEAR_QUEUED")
    void clientMayHaveEndedItsSide(Transport transport) {
        takesNothing(transport, client -> client.get("/throws").endOutput());
    }

    @Test
    void pipelinedRefusals() {
        takesNothing(Transport.CLEAR, client -> Thread.startVirtualThread(() -> {
            String request = "GET /waits HTTP/1.1\r\nHost: localhost\r\n" + MALFORMED + "\r\n";
            // fails once the server has closed the connection
            client.send(request.repeat(MUCH / request.length()));
        }));
    }

    /** Helidon writes them itself, when no request is in flight. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLEAR_QUEUED")
    void responsesToMalformedRequests(Transport transport) {
        takesNothing(transport, client -> client.get("/quick").send("malformed\r\n\r\n"));
        trail.await("Helidon responds", PERMITS);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CLEAR_QUEUED")
    void refusalsOfTheConcurrencyLimit(Transport transport) {
        permits.drainPermits();
        try (TestServer server = start(transport, hangup -> hangup.stallLimit(LIMIT));
                RawClient client = SlowReader.connect(transport, server.port())) {
            client.get("/quick");
            trail.await("Helidon responds");
            Await.until("its connection is closed", () -> Usage.connectionThreads() == 0);
            assertTrue(lengthToEnd(client) < MUCH, "It has the whole response");
            permits.release(PERMITS);
            awaitPermits(server);
        }
    }

    /** As a stream of a connection that takes nothing. */
    @ParameterizedTest
    @CsvSource({"CLEAR, 100", "CLEAR, soon", "CLEAR_WITHOUT_NIO, 100", "CLEAR_QUEUED, 100", "TLS_1_3, 100", "TLS_1_3, soon"})
    void streamsOfAConnectionThatTakesNothing(Transport transport, String timeout) {
        try (TestServer server = start(transport, hangup -> hangup.stallLimit(LIMIT));
                RawClient client = SlowReader.connect(transport, server.port())) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(Http2Client.settings(4, Integer.MAX_VALUE))
                    .send(Http2Client.windowUpdate(0, Integer.MAX_VALUE - HTTP2_WINDOW))
                    .send(Http2Client.headers(1, "GET", "/endless", true));
            assertEquals(Outcome.STALLED, server.nextEnd().outcome());
            Await.until("its permit is back", () -> permits.availablePermits() == PERMITS);
            // in one write, since the first may stall, which closes the connection, before a second write
            ByteArrayOutputStream requests = new ByteArrayOutputStream();
            for (int i = 0; i < PERMITS; i++) {
                requests.writeBytes(Http2Client.headers(3 + 2 * i, "GET", "/waits", true, "x-request-timeout-ms", timeout));
            }
            client.send(requests.toByteArray());
            Await.until("they have begun", () -> begun.get() == 1 + PERMITS);
            awaitPermits(server);
            lengthToEnd(client);
        }
    }

    /** Its response is dropped, so it needs no room. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void resetStreamDoesNotWaitForAConnectionThatTakesNothing(boolean onceItWaits) {
        try (TestServer server = start(Transport.CLEAR, hangup -> { });
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(Http2Client.settings(4, Integer.MAX_VALUE))
                    .send(Http2Client.windowUpdate(0, Integer.MAX_VALUE - HTTP2_WINDOW))
                    .send(Http2Client.headers(1, "GET", "/endless", true));
            awaitNoMorePieces();
            server.hangup().inFlight().forEach(it -> server.hangup().cancel(it.request().id()));
            assertEquals(Outcome.CANCELLED, server.nextEnd().outcome());
            Await.until("its permit is back", () -> permits.availablePermits() == PERMITS);
            String path = onceItWaits ? "/late" : "/waits";
            client.send(Http2Client.headers(3, "GET", path, true)).send(Http2Client.headers(5, "GET", path, true));
            trail.await("waits", 2);
            if (onceItWaits) {
                Await.until("the deadlines have passed", () -> server.hangup().inFlight().stream()
                        .filter(it -> it.cancelled().isPresent()).count() == 2);
                assertEquals(0, permits.availablePermits());
            }
            client.send(Http2Client.reset(3)).send(Http2Client.reset(5));
            Outcome outcome = onceItWaits ? Outcome.DEADLINE_EXCEEDED : Outcome.DISCONNECTED;
            assertEquals(outcome, server.nextEnd().outcome());
            assertEquals(outcome, server.nextEnd().outcome());
            awaitPermits(server);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UPGRADE")
    void streamsWhoseWindowStaysClosed(Http2Opening opening) {
        Http2Config patient = Http2Config.builder().flowControlTimeout(Duration.ofHours(1)).build();
        try (TestServer server = TestServer.start(helidon -> {
            opening.configure(helidon);
            helidon.addProtocol(patient).concurrencyLimit(FixedLimit.builder().semaphore(permits).build());
        }, hangup -> hangup.stallLimit(LIMIT), this::routing); Http2Client client = opening.connect(server.port())) {
            client.withoutCredit();
            client.send(Http2Client.settings(4, 0));
            int refused = client.get("/waits", "x-request-timeout-ms", "soon");
            int cancelled = client.get("/waits", "x-request-timeout-ms", "100");
            assertEquals(Http2Client.CANCEL, client.awaitReset(refused));
            assertEquals(Http2Client.CANCEL, client.awaitReset(cancelled));
            awaitPermits(server, opening);
            // and the connection goes on
            client.send(Http2Client.settings(4, HTTP2_WINDOW));
            assertEquals("quick", client.answer(client.get("/quick")).text());
        }
    }

    @Test
    void withoutALimitTheServerWaits() {
        try (TestServer server = start(Transport.CLEAR, hangup -> hangup.stallLimit(Duration.ZERO));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/throws");
            trail.await("handles");
            SlowReader.pause((int) LIMIT.multipliedBy(4).toMillis());
            assertEquals(MUCH, client.read().body().length);
        }
    }

    @Test
    void bareRoutesAreLeftAlone() {
        try (TestServer server = start(Transport.CLEAR, hangup -> hangup.stallLimit(LIMIT));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/bare").readHead();
            SlowReader.pause((int) LIMIT.multipliedBy(4).toMillis());
            assertEquals(MUCH, client.read(MUCH).length());
        }
    }

    /** Its connection was once closed, since a stream that had its 503 counted as one that waits for its client. */
    @Test
    void bareRouteBesideUnresponsiveWorkIsLeftAlone() {
        try (TestServer server = start(Transport.CLEAR, hangup -> hangup.stallLimit(LIMIT));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(Http2Client.settings(4, Integer.MAX_VALUE))
                    .send(Http2Client.windowUpdate(0, Integer.MAX_VALUE - 65_535))
                    .send(Http2Client.headers(1, "GET", "/unresponsive", true));
            trail.await("interrupted");
            readToEndOfStream(client);
            client.send(Http2Client.headers(3, "GET", "/bare", true));
            SlowReader.pause((int) LIMIT.multipliedBy(4).toMillis());
            assertEquals(MUCH, client.read(MUCH).length());
            trail.add("may end");
        }
    }

    @Test
    void clientThatTakesEnoughHasTheWholeResponse() {
        try (TestServer server = start(Transport.CLEAR, hangup -> hangup.stallLimit(Duration.ofSeconds(1)).minRate(0));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/throws").readHead();
            int got = 0;
            for (int i = 0; i < 100; i++) {
                // small buffers give the sender room in large steps only
                got += client.read(8000).length();
                SlowReader.pause(30);
            }
            assertEquals(MUCH - got, client.read(MUCH - got).length());
        }
    }

    /** Reads frames until one ends a stream. */
    private static void readToEndOfStream(RawClient client) {
        boolean ended = false;
        while (!ended) {
            String header = client.read(9);
            client.read(header.charAt(0) << 16 | header.charAt(1) << 8 | header.charAt(2));
            boolean responds = header.charAt(3) <= 1;
            ended = responds && (header.charAt(4) & 1) == 1;
        }
    }

    private void takesNothing(Transport transport, Consumer<RawClient> request) {
        try (TestServer server = start(transport, hangup -> hangup.stallLimit(LIMIT));
                RawClient one = SlowReader.connect(transport, server.port());
                RawClient other = SlowReader.connect(transport, server.port())) {
            request.accept(one);
            request.accept(other);
            Await.until("their connections are closed", () -> begun.get() >= PERMITS && Usage.connectionThreads() == 0);
            awaitPermits(server);
            assertTrue(lengthToEnd(one) < MUCH, "It has the whole response");
            assertTrue(lengthToEnd(other) < MUCH, "It has the whole response");
        }
    }

    /** What a client finds of a response that the server has cut off; nothing if that shows as a failure. */
    private static int lengthToEnd(RawClient client) {
        try {
            return client.readToEnd().length;
        } catch (UncheckedIOException e) {
            assertFalse(e.getCause() instanceof SocketTimeoutException, "The connection is open");
            return 0;
        }
    }

    private void awaitNoMorePieces() {
        Await.until("the work is blocked", () -> {
            int before = pieces.get();
            SlowReader.pause(500);
            return before > 0 && pieces.get() == before;
        });
    }

    private void awaitPermits(TestServer server) {
        Await.until("the permits are back", () -> permits.availablePermits() == PERMITS);
        try (RawClient third = server.connect()) {
            assertEquals("quick", third.get("/quick").read().text());
        }
    }

    private void awaitPermits(TestServer server, Http2Opening opening) {
        Await.until("the permits are back", () -> permits.availablePermits() == PERMITS);
        try (Http2Client third = opening.connect(server.port())) {
            assertEquals("quick", third.answer(third.get("/quick")).text());
        }
    }

    private TestServer start(Transport transport, Consumer<HangupConfig.Builder> hangup) {
        Consumer<WebServerConfig.Builder> limited = helidon -> {
            SlowReader.configure(helidon);
            helidon.concurrencyLimit(FixedLimit.builder().semaphore(permits).build())
                    .directHandlers(DirectHandlers.builder()
                                            .addHandler(DirectHandler.EventType.BAD_REQUEST, this::large)
                                            .addHandler(DirectHandler.EventType.OTHER, this::large)
                                            .build());
        };
        return TestServer.start(transport, limited, hangup, this::routing);
    }

    private DirectHandler.TransportResponse large(DirectHandler.TransportRequest request, DirectHandler.EventType type,
                                                  Status status, ServerResponseHeaders headers, String message) {
        trail.add("Helidon responds");
        return DirectHandler.TransportResponse.builder().status(status).headers(headers).entity(new byte[MUCH]).build();
    }

    private void routing(HttpRouting.Builder routing) {
        routing.addFilter((chain, request, response) -> {
            begun.incrementAndGet();
            if (request.path().path().equals("/large-header")) {
                response.header("X-Large", "x".repeat(MUCH));
            }
            chain.proceed();
        }).error(IllegalStateException.class, (request, response, e) -> {
            trail.add("handles");
            response.send(new byte[MUCH]);
        }).get("/throws", Hangup.cancellable((request, response) -> {
            throw new IllegalStateException("fails");
        })).get("/large-header", Hangup.cancellable(this::waits)).get("/waits", Hangup.cancellable(this::waits))
                .get("/late", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    waits(request, response);
                }))
                .get("/endless", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    while (true) {
                        stream.write(new byte[8 * 1024]);
                        pieces.incrementAndGet();
                    }
                })).get("/unresponsive", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.ignoreInterruptsUntil("may end");
                }))
                .get("/bare", (request, response) -> response.send(new byte[MUCH]))
                .get("/quick", (request, response) -> response.send("quick"));
    }

    private void waits(ServerRequest request, ServerResponse response) throws InterruptedException {
        trail.add("waits");
        trail.awaitInterruptibly("never");
    }
}
