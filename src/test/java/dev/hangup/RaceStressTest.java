package dev.hangup;

import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Completion, departure and deadline of many requests at once, within the same few milliseconds: every request has
 * exactly one end, and no client sees more than one answer, or half of one that looks whole.
 */
class RaceStressTest {
    private static final int CLIENTS = 16;
    private static final int REQUESTS = Repetitions.of(250, 1_250);
    private static final int PERMITS = 1_000;
    private static final long SEED = 20261122;

    private final AtomicInteger begun = new AtomicInteger();
    private final Set<String> paths = ConcurrentHashMap.newKeySet();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger stopped = new AtomicInteger();
    private final AtomicInteger cutOff = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();

    @Test
    void everyRequestHasOneEndAndAtMostOneAnswer() throws Exception {
        Semaphore permits = new Semaphore(PERMITS);
        try (Logged trouble = Logged.trouble("");
                TestServer server = TestServer.start(
                        config -> config.concurrencyLimit(FixedLimit.builder().semaphore(permits).build()),
                        // bodies are whole: there is nothing to wait for
                        hangup -> hangup.lingeringClose(Duration.ofMillis(10)),
                        this::routing);
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(SEED + i);
                int client = i;
                running.add(clients.submit(() -> requests(server, client, random)));
            }
            for (Future<?> client : running) {
                client.get();
            }
            // a request whose client has left may still be on its way
            Await.until("all permits are back", () -> permits.availablePermits() == PERMITS
                    && server.endsLeft() >= begun.get());
            server.close();
            Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
            while (server.endsLeft() > 0) {
                RequestEnd end = server.nextEnd();
                outcomes.merge(end.outcome(), 1, Integer::sum);
            }
            String seen = outcomes + "; clients: " + answered + " answered, " + stopped + " stopped, " + cutOff + " cut off, "
                    + left + " left";
            assertEquals(begun.get(), outcomes.values().stream().mapToInt(Integer::intValue).sum(), seen);
            assertTrue(outcomes.getOrDefault(Outcome.DEADLINE_EXCEEDED, 0) >= stopped.get(), seen);
            assertEquals(null, outcomes.get(Outcome.SHUTDOWN), seen);
            // each of the races was run, many times
            int many = CLIENTS * REQUESTS / 40;
            assertTrue(answered.get() > many && stopped.get() > many && left.get() > many, seen);
            assertEquals(List.of(), trouble.trail().events().stream()
                    // a connection that was closed before it was accepted, when the server stops
                    .filter(it -> !it.equals("Executor rejected handler for new connection"))
                    .limit(3)
                    .toList());
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.addFilter((chain, request, response) -> {
            begun.incrementAndGet();
            paths.add(request.path().path());
            chain.proceed();
        });
        routing.get("/send/{id}/{micros}", Hangup.cancellable((request, response) -> {
            work(request);
            response.send(body(request.path().pathParameters().get("id")));
        }));
        routing.get("/next/{id}/{micros}", Hangup.cancellable((request, response) -> {
            response.header("X-Left", request.path().pathParameters().get("id"));
            work(request);
            response.next();
        }));
        routing.get("/next/{id}/{micros}",
                    Hangup.cancellable(request -> body(request.path().pathParameters().get("id"))));
        routing.get("/stream/{id}/{micros}", Hangup.cancellable(this::stream));
        routing.post("/read/{id}/{micros}", Hangup.cancellable((request, response) -> {
            work(request);
            response.send(request.content().as(String.class));
        }));
    }

    private void stream(ServerRequest request, ServerResponse response) throws Exception {
        byte[] body = body(request.path().pathParameters().get("id")).getBytes();
        try (OutputStream stream = response.outputStream()) {
            stream.write(body, 0, 10);
            stream.flush();
            stream.write(body, 10, 10);
            stream.flush();
            work(request);
            stream.write(body, 20, body.length - 20);
        }
    }

    /** Unresponsive for the time it takes: so that it ends in the same instant as the deadline, or the client. */
    private static void work(ServerRequest request) {
        long until = System.nanoTime() + 1_000 * Long.parseLong(request.path().pathParameters().get("micros"));
        while (System.nanoTime() < until) {
            Thread.yield();
        }
    }

    private static String body(String id) {
        return id + "-" + "x".repeat(20 + id.hashCode() % 10) + "-" + id;
    }

    private void requests(TestServer server, int client, Random random) {
        RawClient connection = server.connect();
        for (int i = 0; i < REQUESTS; i++) {
            connection = request(server, connection, client + "." + i, random);
        }
        connection.close();
    }

    /** One request; returns the connection for the next. */
    private RawClient request(TestServer server, RawClient connection, String id, Random random) {
        String kind = List.of("send", "stream", "read", "next").get(random.nextInt(4));
        long micros = random.nextInt(4_000);
        String timeout = random.nextInt(4) == 0 ? "" : "X-Request-Timeout-Ms: " + (1 + random.nextInt(4)) + "\r\n";
        String path = "/" + kind + "/" + id + "/" + micros;
        if (kind.equals("read")) {
            String body = body(id);
            connection.send("POST " + path + " HTTP/1.1\r\nHost: a\r\n" + timeout + "Content-Length: " + body.length()
                                    + "\r\n\r\n" + body);
        } else {
            connection.get(path, timeout);
        }
        return switch (random.nextInt(4)) {
            case 0 -> leave(server, connection, random);
            default -> readOn(server, connection, id, kind);
        };
    }

    private RawClient leave(TestServer server, RawClient connection, Random random) {
        left.incrementAndGet();
        LockSupport.parkNanos(1_000L * random.nextInt(4_000));
        if (random.nextBoolean()) {
            connection.leave();
        } else {
            connection.reset();
        }
        return server.connect();
    }

    private RawClient readOn(TestServer server, RawClient connection, String id, String kind) {
        RawClient.Response response;
        try {
            response = connection.read();
        } catch (UncheckedIOException e) {
            // where a loaded machine lets work sleep on after its whole answer, that answer is the connection's last
            assertTrue(kind.equals("stream") || paths.stream().noneMatch(path -> path.startsWith("/" + kind + "/" + id + "/")),
                       "only a stream can have begun when it is stopped, not " + kind + ": " + e.getMessage());
            cutOff.incrementAndGet();
            connection.close();
            return server.connect();
        }
        if (response.status() == 503) {
            assertTrue(response.text().endsWith("has passed\"}\n"), response.text());
            assertEquals("", new String(connection.readToEnd()));
            stopped.incrementAndGet();
            connection.close();
            return server.connect();
        }
        assertEquals(200, response.status(), response.text());
        assertEquals(body(id), response.text());
        assertEquals(kind.equals("next") ? id : null, response.headers().get("x-left"));
        answered.incrementAndGet();
        if (response.headers().get("connection").equals("close")) {
            throw new AssertionError("An answer of the work's is no reason to close");
        }
        return connection;
    }
}
