package dev.hangup.coalescing;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.stream.IntStream;

import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.http.Status;
import io.helidon.webserver.http2.Http2Config;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Many clients that ask a server for few things, and half of the time leave before the answer. Everyone who stays gets what
 * was asked for, though not for longer than it asked to wait; as much was computed as was needed, as {@link Computed#check}
 * defines it; and nothing is left behind. {@code -Dhangup.coalescing.seed=N -Dhangup.coalescing.requests=N} replays a seed, or
 * sends more requests.
 */
class CoalescingStressTest {
    private static final long SEED = Long.getLong("hangup.coalescing.seed", 1);
    private static final int REQUESTS = Repetitions.of("hangup.coalescing.requests", 2_000, 20_000);
    private static final int RUNS = 4;
    private static final int CLIENTS = 32;
    private static final int KEYS = 6;
    /**
     * After so many requests, keys that are cached are asked for no more, or there would be nothing left to compute. Some
     * computations fail, so there have to be many.
     */
    private static final int GENERATION = REQUESTS / 100;
    private static final int PERMITS = 10_000;
    private static final int MAX_STAY_NANOS = 3_000_000;

    private final Quiet quiet = Quiet.below(Level.WARNING, "dev.hangup");
    /** Says so with a stack trace each time that a failure's answer finds its client gone. */
    private final Quiet helidonQuiet = Quiet.below(Level.OFF, "io.helidon");
    private final Computed computed = new Computed();
    private final Semaphore permits = new Semaphore(PERMITS);
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger collapsed = new AtomicInteger();
    private final AtomicInteger hits = new AtomicInteger();
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger late = new AtomicInteger();

    /** The first connections of a JVM open sockets that stay. */
    @BeforeAll
    static void warmUp() {
        try (TestServer server = TestServer.start(routing -> { });
                CoalescingClient http1 = CoalescingClient.http1(server.port());
                CoalescingClient http2 = CoalescingClient.http2(server.port())) {
            for (CoalescingClient client : List.of(http1, http2)) {
                client.ask("/");
                client.answer();
                client.ask("/");
                client.leave();
            }
        }
    }

    @AfterEach
    void endQuiet() {
        quiet.close();
        helidonQuiet.close();
    }

    @ParameterizedTest(name = "keep-running {0}, cache for {1}")
    @CsvSource({"PT0S, PT0S", "PT0.002S, PT0S", "PT0S, PT1H", "PT0.002S, PT1H"})
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void whoStaysIsAnsweredAndNoMoreIsComputedThanIsNeeded(Duration keepRunning, Duration remember) throws Exception {
        long sockets = Usage.openSockets();
        long calls = Usage.instances(SharedCall.class);
        long keepRunnings = Usage.instances(KeepRunning.class);
        Coalescing<String, String> coalescing = Coalescing.<String, String>builder()
                .key(request -> request.path().path())
                .computing(computed::compute)
                .keepRunning(keepRunning)
                .cacheFor(remember)
                .cacheSize(1_000_000)
                .build();
        try (TestServer server = start(coalescing)) {
            boolean caches = remember.isPositive();
            storm(server, caches);
            Await.until("nothing is running", () -> coalescing.running() == 0 && coalescing.waiting() == 0);
            Await.until("computations' threads are gone", () -> Usage.threads("hangup-coalescing") == 0);
            assertTrue(computed.allEnded());
            computed.check(caches, left.get() + late.get());
            assertLively(caches);
            Await.until("all permits are back", () -> permits.availablePermits() == PERMITS);
            Await.until("streams' threads are gone", () -> Usage.streamThreads() == 0);
            Await.until("connections are gone", () -> Usage.connectionThreads() == 0);
            Await.until("calls are gone", () -> Usage.instances(SharedCall.class) <= calls);
            Await.until("the timer has nothing left to do", () -> Usage.instances(KeepRunning.class) <= keepRunnings);
        }
        Await.until("sockets are closed", () -> Usage.openSockets() <= sockets);
    }

    private void storm(TestServer server, boolean caches) throws Exception {
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> clients = IntStream.range(0, CLIENTS)
                    .<Future<?>>mapToObj(i -> threads.submit(() -> {
                        try (CoalescingClient client = i % 4 == 0
                                ? CoalescingClient.http1(server.port())
                                : CoalescingClient.http2(server.port())) {
                            Random random = new Random(SEED * CLIENTS + i);
                            while (asked.getAndIncrement() < REQUESTS / RUNS) {
                                ask(client, key(random, caches), random);
                            }
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> client : clients) {
                client.get();
            }
        }
        System.out.printf("%d requests in %.1f s: %d answered (%d collapsed, %d hits), %d late, %d left; "
                                  + "%d computations, %d failed, %d for nobody%n",
                          REQUESTS / RUNS, (System.nanoTime() - start) / 1e9, answered.get(), collapsed.get(), hits.get(),
                          late.get(), left.get(), computed.begun(), computed.failed(), computed.forNobody());
    }

    /** The first ones are asked for more often than the last ones. */
    private String key(Random random, boolean caches) {
        int key = Math.min(random.nextInt(KEYS), random.nextInt(KEYS));
        return "/" + key + (caches ? "/" + asked.get() / GENERATION : "");
    }

    private void ask(CoalescingClient client, String key, Random random) throws InterruptedException {
        long askedAt = computed.now();
        boolean hurried = random.nextInt(8) == 0;
        if (hurried) {
            client.ask(key, "x-request-timeout-ms", String.valueOf(1 + random.nextInt(3)));
        } else {
            client.ask(key);
        }
        if (random.nextBoolean()) {
            TimeUnit.NANOSECONDS.sleep(random.nextInt(MAX_STAY_NANOS));
            client.leave();
            left.incrementAndGet();
            return;
        }
        CoalescingClient.Answer answer = client.answer();
        if (answer.status() == 503 && hurried) {
            late.incrementAndGet();
            return;
        }
        assertTrue(answer.status() == 200 || answer.status() == 409, () -> key + ": " + answer);
        computed.given(key, askedAt, answer.status() == 409, answer.text(), answer.cacheStatus());
        answered.incrementAndGet();
        collapsed.addAndGet(String.valueOf(answer.cacheStatus()).endsWith("collapsed") ? 1 : 0);
        hits.addAndGet(String.valueOf(answer.cacheStatus()).contains("hit") ? 1 : 0);
    }

    private void assertLively(boolean caches) {
        assertTrue(answered.get() > 0 && left.get() > 0 && collapsed.get() > 0 && computed.failed() > 0);
        assertEquals(caches, hits.get() > 0);
    }

    private TestServer start(Coalescing<String, String> coalescing) {
        return TestServer.start(server -> server
                                        .addProtocol(Http2Config.builder().maxRapidResets(-1).build())
                                        .concurrencyLimit(FixedLimit.builder().semaphore(permits).build()),
                                // a machine that stands still for a while makes no work unresponsive
                                hangup -> hangup.unresponsiveAfter(Duration.ofHours(1)),
                                routing -> routing
                                        .get("/*", coalescing)
                                        .error(Computed.Failed.class, (request, response, e) ->
                                                response.status(Status.CONFLICT_409).send(e.getMessage())));
    }
}
