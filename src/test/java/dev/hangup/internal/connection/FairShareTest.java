package dev.hangup.internal.connection;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients whose unread bodies use up the read-ahead do not take the noticing of departures from the others. */
@Tag("departure")
class FairShareTest {
    private static final int READ_AHEAD = 64 * 1024;
    private static final long TOTAL = 4 * READ_AHEAD;
    private static final byte[] LARGE = new byte[1024 * 1024];
    private static final String HEAD = "POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000\r\n\r\n";

    private final Trail trail = new Trail();
    private final Trail fillers = new Trail();
    private final CompletableFuture<ReadAheadBounds> bounds = new CompletableFuture<>();
    private final List<RawClient> filling = new ArrayList<>();

    @AfterEach
    void fillersLeave() {
        filling.forEach(RawClient::reset);
    }

    @Test
    void oneClientWithManyConnectionsLeavesTheOthersTheirRoom() {
        try (TestServer server = start()) {
            fill(server, 36, 1);
            try (RawClient other = RawClient.connect(server.port(), "127.0.0.100")) {
                departs(other, READ_AHEAD - 8 * 1024);
            }
        }
    }

    @Test
    void departureBehindAHundredBytesIsNoticedWhileTheTotalIsUsedUp() {
        try (TestServer server = start()) {
            fill(server, 12, 6);
            try (RawClient other = RawClient.connect(server.port(), "127.0.0.100")) {
                departs(other, 100);
            }
        }
    }

    @Test
    void soIsThatOfAClientWhoseOwnAddressHasUsedUpItsPart() {
        try (TestServer server = start()) {
            fill(server, 36, 1);
            try (RawClient sibling = RawClient.connect(server.port(), "127.0.0.2")) {
                departs(sibling, 100);
            }
        }
    }

    @Test
    void closedSlowUploadsGiveBackAllWhileTheTotalIsUsedUp() {
        try (TestServer server = start()) {
            fill(server, 12, 6);
            long held = bounds.join().held();
            long sockets = Usage.openSockets();
            long threads = Usage.connectionThreads();
            List<RawClient> uploads = IntStream.range(0, 100).mapToObj(i -> RawClient.connect(server.port(), "127.0.0.100"))
                    .toList();
            uploads.forEach(upload -> upload.send(HEAD.formatted("work")));
            trail.await("started", uploads.size());
            for (int sent = 0; sent < 12; sent++) {
                uploads.forEach(upload -> upload.send(new byte[1024]));
            }
            uploads.forEach(RawClient::leave);
            trail.await("interrupted", uploads.size());
            Await.until("what they held is given back", () -> bounds.join().held() == held);
            Await.until("their threads are gone", () -> Usage.connectionThreads() <= threads);
            Await.until("their sockets are closed", () -> Usage.openSockets() <= sockets);
        }
    }

    private void departs(RawClient client, int bytes) {
        client.send(HEAD.formatted("work"));
        trail.await("started");
        long held = bounds.join().held();
        client.send(new byte[bytes]);
        // in a read of its own, before that of the end
        Await.until("its bytes are read ahead", () -> bounds.join().held() > held);
        client.leave();
        trail.await("interrupted");
        assertEquals(List.of("started", "interrupted"), trail.events());
    }

    /** So many connections from so many addresses send until the server reads no more of them. */
    private void fill(TestServer server, int connections, int addresses) {
        for (int i = 0; i < connections; i++) {
            RawClient filler = RawClient.connect(server.port(), "127.0.0." + (2 + i % addresses));
            filling.add(filler);
            filler.send(HEAD.formatted("fill"));
            Thread.startVirtualThread(() -> {
                try {
                    filler.send(LARGE);
                } catch (RuntimeException e) {
                    // reset at the test's end
                }
            });
        }
        fillers.await("started", connections);
        Await.until("all are watched", () -> server.hangup().inFlight().size() == connections);
        awaitNoMoreIsRead();
        assertTrue(bounds.join().held() <= TOTAL + connections * (16 + 8 + 1) * 1024, () -> bounds.join().held() + " bytes");
    }

    /** A reader may end and another one begin, so it takes a while in which nothing was read. */
    private void awaitNoMoreIsRead() {
        long[] seen = {-1, System.nanoTime()};
        Await.until("the server reads no more", () -> {
            long held = bounds.join().held();
            if (held != seen[0] || held < TOTAL || Usage.readers() > 0) {
                seen[0] = held;
                seen[1] = System.nanoTime();
            }
            return System.nanoTime() - seen[1] > TimeUnit.MILLISECONDS.toNanos(200);
        });
    }

    private TestServer start() {
        return TestServer.start(hangup -> hangup.readAhead(READ_AHEAD).readAheadTotal(TOTAL), this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.post("/fill", Hangup.cancellable(this::fill))
                .post("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }

    private void fill(ServerRequest request, ServerResponse response) throws InterruptedException {
        bounds.complete(Exchange.of(request).routing(ConnectionPolicy.class).orElseThrow().readAhead());
        fillers.workUntilInterrupted();
    }
}
