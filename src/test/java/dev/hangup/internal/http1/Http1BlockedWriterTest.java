package dev.hangup.internal.http1;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Connections that end while their client reads nothing, so that a write to the socket is blocked. */
class Http1BlockedWriterTest {
    private static final Duration STALL = Duration.ofMillis(400);
    /** Longer than a slow machine takes to notice that a client sends no more. */
    private static final Duration LONG_STALL = Duration.ofSeconds(5);

    @ParameterizedTest
    @EnumSource
    void connectionOfAStalledResponseLeavesNothingBehind(Kind kind) {
        try (TestServer server = start(kind, it -> { })) {
            long sockets = Usage.openSockets();
            try (RawClient client = SlowReader.connect(kind.transport, server.port())) {
                client.get("/endless").readHead();
                assertEquals(Outcome.STALLED, server.nextEnd().outcome());
                awaitNothing(sockets);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectionWhoseClientSendsNoMoreLeavesNothingBehind(Kind kind) {
        try (TestServer server = start(kind, LONG_STALL, it -> { })) {
            long sockets = Usage.openSockets();
            try (RawClient client = SlowReader.connect(kind.transport, server.port())) {
                client.get("/endless").readHead();
                client.endConnectionsOutput();
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
                awaitNothing(sockets);
            }
        }
    }

    /** The connection's own thread writes, as for all that follows the race. */
    @ParameterizedTest
    @EnumSource
    void serverThatStopsWaitsForTheGracePeriodAtMost(Kind kind) {
        TestServer server = start(kind, it -> it.shutdownGracePeriod(STALL));
        long sockets = Usage.openSockets();
        try (RawClient client = SlowReader.connect(kind.transport, server.port())) {
            client.get("/unwatched").readHead();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            Await.until("the server has stopped", stopped::isDone);
            // the listener is a socket, too
            awaitNothing(sockets - 1);
        } finally {
            server.close();
        }
    }

    private static void awaitNothing(long sockets) {
        Await.until("the connection's threads have ended", () -> Usage.connectionThreads() == 0);
        // that of the client is still open
        Await.until("the socket is closed", () -> Usage.openSockets() <= sockets + 1);
    }

    private static TestServer start(Kind kind, Consumer<WebServerConfig.Builder> config) {
        return start(kind, STALL, config);
    }

    private static TestServer start(Kind kind, Duration stall, Consumer<WebServerConfig.Builder> config) {
        return TestServer.start(kind.transport, it -> {
            SlowReader.configure(it);
            it.writeQueueLength(kind.queue).smartAsyncWrites(kind.smart).update(config);
        }, hangup -> hangup.stallLimit(stall), Http1BlockedWriterTest::routing);
    }

    private static void routing(HttpRouting.Builder routing) {
        routing.get("/endless", Hangup.cancellable((request, response) -> write(response.outputStream())))
                .get("/unwatched", (request, response) -> write(response.outputStream()));
    }

    private static void write(OutputStream stream) throws IOException {
        byte[] piece = new byte[8 * 1024];
        while (true) {
            stream.write(piece);
        }
    }

    /** How a connection's bytes reach the socket. */
    private enum Kind {
        CLEAR(Transport.CLEAR, 0, false),
        CLEAR_QUEUED(Transport.CLEAR, 8, false),
        CLEAR_QUEUED_SMARTLY(Transport.CLEAR, 8, true),
        WITHOUT_NIO(Transport.CLEAR_WITHOUT_NIO, 0, false),
        WITHOUT_NIO_QUEUED(Transport.CLEAR_WITHOUT_NIO, 8, false),
        TLS(Transport.TLS_1_3, 0, false),
        TLS_1_2(Transport.TLS_1_2, 0, false),
        TLS_QUEUED(Transport.TLS_1_3, 8, false),
        TLS_QUEUED_SMARTLY(Transport.TLS_1_3, 8, true);

        private final Transport transport;
        private final int queue;
        private final boolean smart;

        Kind(Transport transport, int queue, boolean smart) {
            this.transport = transport;
            this.queue = queue;
            this.smart = smart;
        }
    }
}
