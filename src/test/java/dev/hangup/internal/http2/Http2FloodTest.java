package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.internal.connection.FloodedServer;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * Clients that flood a small server with frames of HTTP/2 neither kill it nor keep it from answering others, and leave
 * nothing in its memory. Those that abuse what costs the server more than them lose their connections.
 */
class Http2FloodTest {
    private static final int FLOODERS = 3;
    private static final int FRAMES = 1000;
    private static final Duration LASTS = Duration.ofSeconds(Repetitions.of("hangup.flood.seconds", 1, 2));
    private static final Duration MOST_WAITED = Duration.ofSeconds(15);
    private static final long MOST_GROWN = 16 * 1024 * 1024;

    private static FloodedServer server;

    private final AtomicLong sent = new AtomicLong();

    @BeforeAll
    static void start() throws IOException {
        server = FloodedServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void othersAreAnsweredAndNothingStays(Http2Flood flood) throws Exception {
        long before = server.memory();
        long end = System.nanoTime() + LASTS.toNanos();
        CountDownLatch ended = new CountDownLatch(FLOODERS);
        List<RawClient> flooders = new ArrayList<>();
        for (int i = 0; i < FLOODERS; i++) {
            RawClient flooder = server.connect();
            flooders.add(flooder);
            flood(flooder, flood, ended);
        }
        long[] waited = others(end);
        assertTrue(ended.await(Await.TIME.toSeconds(), TimeUnit.SECONDS), "the flood's connections were not ended");
        flooders.forEach(RawClient::reset);
        Await.until("nothing stays in memory", () -> server.memory() < before + MOST_GROWN);
        System.out.printf("%s: %d frames, %d others waited %.1f ms (p50), %.1f ms (p99), %.1f ms (most), %+d KiB%n", flood,
                          sent.get(), waited.length, millis(waited, 0.5), millis(waited, 0.99), millis(waited, 1),
                          (server.memory() - before) / 1024);
        assertTrue(millis(waited, 1) < MOST_WAITED.toMillis(), "another waited " + millis(waited, 1) + " ms");
    }

    private void flood(RawClient client, Http2Flood flood, CountDownLatch ended) {
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").send(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
        Thread.ofPlatform().daemon().start(() -> {
            try {
                for (int from = 0; ; from += FRAMES) {
                    client.send(flood.frames(from, FRAMES));
                    sent.addAndGet(FRAMES);
                }
            } catch (RuntimeException e) {
                // the server has ended it
            }
        });
        Thread.ofPlatform().daemon().start(() -> {
            try {
                client.socket().getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // an end as well
            }
            ended.countDown();
        });
    }

    /** Asks for something trivial again and again; how long each answer took, in nanoseconds, sorted. */
    private static long[] others(long end) {
        List<Long> waited = new ArrayList<>();
        try (RawClient other = server.connect()) {
            do {
                long asked = System.nanoTime();
                other.get("/trivial").read();
                waited.add(System.nanoTime() - asked);
            } while (System.nanoTime() - end < 0);
        }
        long[] sorted = waited.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return sorted;
    }

    private static double millis(long[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] / 1e6;
    }
}
