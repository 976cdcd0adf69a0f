package dev.hangup.storm;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that come when they come, whatever the server does (an open loop): each asks once, gives up after a while, and
 * asks again a few times.
 */
final class Clients {
    /** How long an answer is of use to them. */
    static final Duration PATIENCE = Duration.ofSeconds(1);
    /** How often one asks at the most. */
    static final int ATTEMPTS = 4;

    private static final Duration BACK_OFF = Duration.ofMillis(100);
    /** Of each server, so that three do not compute each of them once in the time for which it is cached. */
    private static final int KEYS = 40;

    private final Series series;
    private final List<Integer> ports;
    private final long seed;
    private final int seconds;
    /** By the second, each: clients that came, attempts, answers that were there in time. */
    private final AtomicLongArray came;
    private final AtomicLongArray attempts;
    private final AtomicLongArray useful;
    private long start;
    /** How late clients were sent off. Owned by the thread that sends them. */
    private long worstLag;

    Clients(Series series, List<Integer> ports, long seed, int seconds) {
        this.series = series;
        this.ports = ports;
        this.seed = seed;
        this.seconds = seconds;
        this.came = new AtomicLongArray(seconds);
        this.attempts = new AtomicLongArray(seconds);
        this.useful = new AtomicLongArray(seconds);
    }

    /** How many useful answers a second so many clients get who ask again as soon as they have one, or have waited too long. */
    double closedLoop(int connections, Duration time, Duration patience) throws InterruptedException {
        start = System.nanoTime();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < connections; i++) {
                int client = i;
                clients.execute(() -> {
                    Random random = new Random(client);
                    for (int n = 0; System.nanoTime() - start < time.toNanos(); n++) {
                        attempt("c" + client + "-" + n, patience, random);
                    }
                });
            }
        }
        return total(useful) / (time.toNanos() / 1e9);
    }

    /** Comes as the plan says, and returns when the last one has had an answer or has given up. */
    Outcome run(Plan plan, double capacity) throws InterruptedException {
        Random random = new Random(seed);
        start = System.nanoTime();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            double at = 0;
            while (true) {
                at += -Math.log(1 - random.nextDouble()) / (plan.load(at) * capacity);
                if (at >= seconds) {
                    break;
                }
                long due = start + (long) (at * 1e9);
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                worstLag = Math.max(worstLag, System.nanoTime() - due);
                came.incrementAndGet((int) at);
                long own = random.nextLong();
                clients.execute(() -> visit(new Random(own)));
            }
        }
        return new Outcome(came, attempts, useful, worstLag);
    }

    private void visit(Random random) {
        String key = "k" + random.nextInt(KEYS * ports.size());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (attempt(key, PATIENCE, random)) {
                return;
            }
            LockSupport.parkNanos((long) (random.nextDouble() * 2 * BACK_OFF.toNanos()));
        }
    }

    /** Whether an answer was there in time, of whichever replica. */
    private boolean attempt(String key, Duration patience, Random random) {
        int port = ports.get(random.nextInt(ports.size()));
        long asked = System.nanoTime();
        count(attempts);
        try (Socket socket = new Socket()) {
            socket.setSoTimeout((int) patience.toMillis());
            socket.connect(new InetSocketAddress("localhost", port), (int) patience.toMillis());
            socket.getOutputStream().write(("GET " + series.path() + "?key=" + key + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                                                   .getBytes(StandardCharsets.US_ASCII));
            long left = patience.toNanos() - (System.nanoTime() - asked);
            socket.setSoTimeout((int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
            InputStream input = socket.getInputStream();
            byte[] line = input.readNBytes("HTTP/1.1 200".length());
            boolean answered = new String(line, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
            if (answered) {
                count(useful);
            }
            return answered;
        } catch (IOException e) {
            // too late, refused or reset
            return false;
        }
    }

    private void count(AtomicLongArray counts) {
        int second = (int) ((System.nanoTime() - start) / 1_000_000_000L);
        if (second < counts.length()) {
            counts.incrementAndGet(second);
        }
    }

    static long total(AtomicLongArray counts) {
        long total = 0;
        for (int i = 0; i < counts.length(); i++) {
            total += counts.get(i);
        }
        return total;
    }

    /** What became of it, by the second. */
    record Outcome(AtomicLongArray came, AtomicLongArray attempts, AtomicLongArray useful, long worstLagNanos) {
    }

    /**
     * How many come: at first and at last few enough, and in between a burst.
     *
     * @param burstFrom  second
     * @param burstUntil second
     * @param usual      in parts of what the server can answer
     * @param burst      in parts of what the server can answer
     */
    record Plan(int burstFrom, int burstUntil, double usual, double burst) {
        double load(double second) {
            return second >= burstFrom && second < burstUntil ? burst : usual;
        }
    }
}
