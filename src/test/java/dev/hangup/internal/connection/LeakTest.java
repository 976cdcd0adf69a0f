package dev.hangup.internal.connection;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;

import dev.hangup.Hangup;
import dev.hangup.internal.http1.WatchedHttp1Connection;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** After thousands of clients that left in the middle, threads, sockets and heap are where they were. */
class LeakTest {
    private static final int CLIENTS = Repetitions.of(400, 10_000);
    private static final int AT_A_TIME = 8;
    private static final int MAX_GROWTH = 4 * 1024 * 1024;

    private final Quiet quiet = Quiet.below(Level.WARNING, "dev.hangup");
    private final AtomicReference<ReadAheadBounds> bounds = new AtomicReference<>();
    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    @AfterEach
    void endQuiet() {
        quiet.close();
    }

    @Test
    void abruptDeparturesLeaveNothingBehind() throws Exception {
        leaveNothingBehind(Transport.CLEAR, CLIENTS);
    }

    @ParameterizedTest
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void abruptDeparturesUnderTlsLeaveNothingBehind(Transport transport) throws Exception {
        leaveNothingBehind(transport, Math.max(25, CLIENTS / 40));
    }

    private void leaveNothingBehind(Transport transport, int clients) throws Exception {
        try (Logged trouble = Logged.trouble("io.helidon"); TestServer server = TestServer.start(transport, this::routing)) {
            // of the tests before
            long connections = Usage.instances(WatchedHttp1Connection.class);
            depart(server, Math.max(clients / 10, 250));
            assertNothingIsLeft(connections);
            Usage before = Usage.now();

            long start = System.nanoTime();
            depart(server, clients);
            System.out.printf("%d clients left over %s in %.1f s%n", clients, transport, (System.nanoTime() - start) / 1e9);
            assertNothingIsLeft(connections);
            AtomicReference<Usage> after = new AtomicReference<>();
            try {
                // the heap, too: threads of the JVM allocate between the collection and the reading, but a leak stays
                Await.until("threads, sockets and heap are back", () -> {
                    after.set(Usage.now());
                    return isBack(before, after.get());
                });
            } finally {
                System.out.println("before " + before + ", after " + after);
            }
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    private static boolean isBack(Usage before, Usage after) {
        return after.threads() <= before.threads() && after.sockets() <= before.sockets()
                && after.heap() - before.heap() < MAX_GROWTH;
    }

    private void assertNothingIsLeft(long connections) {
        Await.until("all work has ended", () -> begun.get() == ended.get());
        // first, since the count of connections takes a whole collection
        Await.until("the connections' threads are gone", () -> Usage.connectionThreads() == 0);
        Await.until("connections are gone", () -> Usage.instances(WatchedHttp1Connection.class) <= connections);
        assertEquals(0, bounds.get().held());
    }

    /** Half of them with a FIN; of each half, some at once, some when their work has begun, some behind a body. */
    private void depart(TestServer server, int clients) throws Exception {
        AtomicInteger left = new AtomicInteger(clients);
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_A_TIME)) {
            List<Future<?>> departures = new ArrayList<>();
            for (int i = 0; i < AT_A_TIME; i++) {
                departures.add(threads.submit(() -> {
                    for (int n = left.getAndDecrement(); n > 0; n = left.getAndDecrement()) {
                        depart(server, n % 2 == 0, n / 2 % 4);
                    }
                }));
            }
            for (Future<?> each : departures) {
                each.get();
            }
        }
    }

    private void depart(TestServer server, boolean reset, int kind) {
        try (RawClient client = server.connect()) {
            switch (kind) {
            case 0 -> client.get("/work");
            case 1 -> client.send("GET /work HT");
            case 2 -> client.send("POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
                    .send(new byte[10_000]);
            default -> {
                client.get("/stream");
                client.readHead();
            }
            }
            if (reset) {
                client.reset();
            }
        }
    }

    private String untilInterrupted() throws InterruptedException {
        begun.incrementAndGet();
        try {
            TimeUnit.MINUTES.sleep(1);
            return "never";
        } finally {
            ended.incrementAndGet();
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.any("/work", Hangup.cancellable(request -> {
                    bounds.set(Exchange.of(request).routing(ConnectionPolicy.class).orElseThrow().readAhead());
                    return untilInterrupted();
                }))
                .get("/stream", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(1);
                    stream.flush();
                    untilInterrupted();
                }));
    }
}
