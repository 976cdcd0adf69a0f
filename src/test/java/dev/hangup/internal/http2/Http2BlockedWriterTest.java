package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Connections that end while their client reads nothing, so that a write to the socket is blocked. */
class Http2BlockedWriterTest {
    /** Longer than it takes until all of many clients are stalled. */
    private static final Duration LONG_STALL = Duration.ofSeconds(3);
    private static final Duration STALL = Duration.ofMillis(400);
    private static final int WINDOW = 65_535;
    /** More clients than a second has tenths, which is what each used to take. */
    private static final int CLIENTS = 50;
    private static final int REQUESTS = 10;

    private final Trail trail = new Trail();
    private final List<RawClient> clients = new ArrayList<>();

    @AfterEach
    void leave() {
        clients.forEach(RawClient::close);
    }

    @ParameterizedTest
    @EnumSource
    void connectionThatIsFailedLeavesNothingBehind(Kind kind) {
        try (TestServer server = start(kind, it -> { })) {
            long sockets = Usage.openSockets();
            RawClient client = stalled(kind, server);
            client.send(Http2Client.data(0, new byte[1], false));
            awaitNothing(sockets);
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionThatIsIdleLeavesNothingBehind(Kind kind) {
        try (TestServer server = start(kind, it -> it.idleConnectionTimeout(Duration.ofMillis(500))
                .idleConnectionPeriod(Duration.ofMillis(10)))) {
            long sockets = Usage.openSockets();
            stalled(kind, server);
            awaitNothing(sockets);
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionWhoseClientSendsNoMoreLeavesNothingBehind(Kind kind) {
        try (TestServer server = start(kind, it -> { })) {
            long sockets = Usage.openSockets();
            stalled(kind, server).endConnectionsOutput();
            awaitNothing(sockets);
        }
    }

    @ParameterizedTest
    @EnumSource
    void serverThatStopsDoesNotWaitForIt(Kind kind) {
        TestServer server = start(kind, it -> it.shutdownGracePeriod(Await.TIME.multipliedBy(2)));
        try {
            long sockets = Usage.openSockets();
            stalled(kind, server);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            Await.until("the server has stopped", stopped::isDone);
            // the listener is a socket, too
            awaitNothing(sockets - 1);
        } finally {
            clients.forEach(RawClient::close);
            server.close();
        }
    }

    /** The rest of their responses is queued, and their streams have ended. */
    @ParameterizedTest
    @EnumSource
    void connectionWhoseStreamsHaveEndedLeavesNothingBehind(Kind kind) {
        try (TestServer server = start(kind, it -> { })) {
            long sockets = Usage.openSockets();
            RawClient client = opened(kind, server, "/piece");
            trail.await("piece");
            for (int i = 1; !isWriterBlocked(); i++) {
                int responses = i;
                // a slow machine may see the blocked writer only once its connection has ended
                Await.until("a response, or the end", () -> count("piece") >= responses || Usage.connectionThreads() == 0);
                if (Usage.connectionThreads() == 0) {
                    break;
                }
                client.send(Http2Client.headers(2 * responses + 1, "GET", "/piece", true));
            }
            awaitNothing(sockets);
        }
    }

    /** Each of the connections has to be notified, and none may wait for what another one's client does not read. */
    @Test
    void serverThatStopsNotifiesTheOthersAtOnce() {
        try (TestServer server = TestServer.start(it -> SlowReader.configure(it.shutdownGracePeriod(Await.TIME)),
                                                  it -> it.stallLimit(LONG_STALL).drain(Duration.ZERO), this::routing)) {
            for (int i = 0; i < CLIENTS; i++) {
                opened(Kind.CLEAR, server);
            }
            for (int i = 0; i < CLIENTS; i++) {
                assertEquals(Outcome.STALLED, server.nextEnd().outcome());
            }
            assertEquals(CLIENTS, Usage.writers(), "blocked writers");
            for (int i = 0; i < REQUESTS; i++) {
                RawClient client = server.connect();
                clients.add(client);
                client.get("/work");
            }
            trail.await("started", REQUESTS);
            long from = System.nanoTime();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            for (int i = 0; i < REQUESTS; i++) {
                assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            }
            Duration took = Duration.ofNanos(System.nanoTime() - from);
            assertTrue(took.toSeconds() < 4, "The last request was notified after " + took);
            Await.until("the server has stopped", stopped::isDone);
        }
    }

    private void awaitNothing(long sockets) {
        Await.until("the connection's threads have ended", () -> Usage.connectionThreads() == 0 && Usage.writers() == 0);
        // that of the client is still open
        Await.until("the socket is closed", () -> Usage.openSockets() <= sockets + 1);
    }

    /** A client whose request was given up, and whose connection's writer is blocked. */
    private RawClient stalled(Kind kind, TestServer server) {
        RawClient client = opened(kind, server);
        assertEquals(Outcome.STALLED, server.nextEnd().outcome());
        return client;
    }

    private RawClient opened(Kind kind, TestServer server) {
        return opened(kind, server, "/endless");
    }

    private RawClient opened(Kind kind, TestServer server, String path) {
        RawClient client = SlowReader.connect(kind.opening, server.port());
        clients.add(client);
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(Http2Client.settings(4, Integer.MAX_VALUE))
                .send(Http2Client.windowUpdate(0, Integer.MAX_VALUE - WINDOW))
                .send(Http2Client.headers(1, "GET", path, true));
        return client;
    }

    /** A write that the socket takes is over by one of so many looks. */
    private static boolean isWriterBlocked() {
        for (int looks = 0; looks < 20; looks++) {
            if (Usage.writers() == 0) {
                return false;
            }
            LockSupport.parkNanos(5_000_000);
        }
        return true;
    }

    private long count(String event) {
        return trail.events().stream().filter(event::equals).count();
    }

    private TestServer start(Kind kind, Consumer<WebServerConfig.Builder> config) {
        return TestServer.start(it -> {
            SlowReader.configure(it);
            kind.opening.configure(it);
            it.writeQueueLength(kind.queue).smartAsyncWrites(kind.smart).update(config);
        }, hangup -> hangup.stallLimit(STALL), this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/endless", Hangup.cancellable((request, response) -> write(response.outputStream())))
                .get("/piece", (request, response) -> {
                    response.send(new byte[4 * 1024]);
                    trail.add("piece");
                })
                .get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }

    private void write(OutputStream stream) throws IOException {
        byte[] piece = new byte[8 * 1024];
        while (true) {
            stream.write(piece);
        }
    }

    /** How a connection's bytes reach the socket. */
    private enum Kind {
        CLEAR(Http2Opening.PRIOR_KNOWLEDGE, 0, false),
        CLEAR_QUEUED(Http2Opening.PRIOR_KNOWLEDGE, 8, false),
        CLEAR_QUEUED_SMARTLY(Http2Opening.PRIOR_KNOWLEDGE, 8, true),
        WITHOUT_NIO(Http2Opening.PRIOR_KNOWLEDGE_WITHOUT_NIO, 0, false),
        WITHOUT_NIO_QUEUED_SMARTLY(Http2Opening.PRIOR_KNOWLEDGE_WITHOUT_NIO, 8, true),
        TLS(Http2Opening.ALPN, 0, false),
        TLS_QUEUED(Http2Opening.ALPN, 8, false),
        TLS_QUEUED_SMARTLY(Http2Opening.ALPN, 8, true);

        private final Http2Opening opening;
        private final int queue;
        private final boolean smart;

        Kind(Http2Opening opening, int queue, boolean smart) {
            this.opening = opening;
            this.queue = queue;
            this.smart = smart;
        }
    }
}
