package dev.hangup.internal.http2;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.ReadAheadBounds;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Random connections of random streams: each answer is right to the byte, and no work outlives its client.
 * {@code -Dhangup.http2.seed=N -Dhangup.http2.connections=N} replays a seed, or runs more of them.
 */
class Http2StressTest {
    private static final long SEED = Long.getLong("hangup.http2.seed", 1);
    private static final int CONNECTIONS = Repetitions.of("hangup.http2.connections", 60, 300);
    private static final Http2Opening[] OPENINGS = {Http2Opening.PRIOR_KNOWLEDGE, Http2Opening.UPGRADE};

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicReference<ReadAheadBounds> bounds = new AtomicReference<>();

    @Test
    @Timeout(value = 1, unit = TimeUnit.HOURS)
    void everyAnswerIsRightAndNoWorkOutlivesItsClient() {
        int streams = 0;
        try (Quiet quiet = Quiet.below(Level.OFF, "dev.hangup"); TestServer server = start()) {
            for (long seed = SEED; seed < SEED + CONNECTIONS; seed++) {
                try {
                    streams += new Connection(new Random(seed), server.port()).run();
                    Await.until("all work has ended", () -> begun.get() == ended.get());
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError("Seed " + seed, e);
                }
            }
            Await.until("streams' threads are gone", () -> Usage.streamThreads() == 0);
            Await.until("connections are gone", () -> Usage.connectionThreads() == 0);
            assertEquals(0, bounds.get().held());
        }
        System.out.println(CONNECTIONS + " connections, " + streams + " streams");
    }

    private TestServer start() {
        return TestServer.start(server -> server.addProtocol(Http2Config.builder().maxRapidResets(-1).build()), hangup -> { },
                                this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/upgrade", (request, response) -> {
                    bounds.set(Exchange.of(request).routing(ConnectionPolicy.class).orElseThrow().readAhead());
                    response.send();
                })
                .post("/echo", Hangup.cancellable((request, response) -> response.send(request.content().as(byte[].class))))
                .post("/ignore", Hangup.cancellable(request -> {
                    TimeUnit.MILLISECONDS.sleep(Long.parseLong(request.query().get("millis")));
                    return "ignored";
                }))
                .post("/stream", Hangup.cancellable((request, response) -> {
                    int size = Integer.parseInt(request.query().get("size"));
                    int piece = Integer.parseInt(request.query().get("piece"));
                    byte[] entity = entity(size);
                    try (OutputStream stream = response.outputStream()) {
                        for (int at = 0; at < size; at += piece) {
                            stream.write(entity, at, Math.min(piece, size - at));
                        }
                    }
                }))
                .post("/wait", Hangup.cancellable(request -> {
                    begun.incrementAndGet();
                    try {
                        TimeUnit.MINUTES.sleep(1);
                        return "never";
                    } finally {
                        ended.incrementAndGet();
                    }
                }));
    }

    private static byte[] entity(int size) {
        byte[] entity = new byte[size];
        for (int i = 0; i < size; i++) {
            entity[i] = (byte) (i * 31 + size >> 3);
        }
        return entity;
    }

    /** One connection's streams, whose frames are sent in a random order, except that each stream's are in theirs. */
    private static final class Connection {
        private final Random random;
        private final Http2Client client;

        Connection(Random random, int port) {
            this.random = random;
            this.client = OPENINGS[random.nextInt(OPENINGS.length)].connect(port);
            // several streams that wait for the connection's window hold each other up for seconds, on plain Helidon too
            client.send(Http2Client.windowUpdate(0, 16 * 1024 * 1024));
        }

        int run() {
            try (client) {
                List<Stream> streams = IntStream.range(0, 1 + random.nextInt(20)).mapToObj(i -> stream()).toList();
                boolean leaves = random.nextInt(3) == 0;
                List<Stream> order = new ArrayList<>();
                streams.forEach(it -> order.addAll(Collections.nCopies(it.frames.size(), it)));
                Collections.shuffle(order, random);
                int until = leaves ? random.nextInt(order.size() + 1) : order.size();
                for (int at = 0; at < until;) {
                    int together = Math.min(until - at, 1 + random.nextInt(5));
                    byte[][] segment = new byte[together][];
                    for (int i = 0; i < together; i++) {
                        segment[i] = order.get(at++).next(client);
                    }
                    client.send(segment);
                    if (random.nextInt(4) == 0) {
                        Thread.yield();
                    }
                }
                if (leaves) {
                    if (random.nextBoolean()) {
                        client.socket().reset();
                    }
                    return streams.size();
                }
                streams.forEach(it -> it.check(client));
                return streams.size();
            }
        }

        private Stream stream() {
            byte[] body = new byte[random.nextInt(20_000)];
            random.nextBytes(body);
            int size = random.nextInt(100_000);
            Stream stream = switch (random.nextInt(4)) {
                case 0 -> new Stream("/echo", body);
                case 1 -> new Stream("/ignore?millis=" + random.nextInt(5), "ignored".getBytes());
                case 2 -> new Stream("/stream?size=" + size + "&piece=" + (1 + random.nextInt(5000) + size / 50), entity(size));
                default -> new Stream("/wait", null);
            };
            // work that only its client can end is given up, or has a deadline
            stream.deadline = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : 0;
            boolean given = stream.answer == null && stream.deadline == 0 || random.nextInt(4) == 0;
            stream.frames.add(id -> Http2Client.headers(id, "POST", stream.path, false, stream.deadline == 0
                    ? new String[0]
                    : new String[] {"x-request-timeout-ms", String.valueOf(stream.deadline)}));
            for (int at = 0; at < body.length || body.length == 0;) {
                int from = at;
                int to = Math.min(body.length, from + 1 + random.nextInt(5000));
                stream.frames.add(id -> Http2Client.data(id, Arrays.copyOfRange(body, from, to), to == body.length));
                at = to;
                if (body.length == 0) {
                    break;
                }
            }
            if (given) {
                int keep = 1 + random.nextInt(stream.frames.size());
                stream.frames.subList(keep, stream.frames.size()).clear();
                stream.frames.add(Http2Client::reset);
                stream.givenUp = true;
            }
            return stream;
        }
    }

    private static final class Stream {
        private final String path;
        /** What is right; {@code null} for work that ends by being stopped alone. */
        private final byte[] answer;
        private final List<java.util.function.IntFunction<byte[]>> frames = new ArrayList<>();
        private int deadline;
        private boolean givenUp;
        private int id;
        private int sent;

        Stream(String path, byte[] answer) {
            this.path = path;
            this.answer = answer;
        }

        byte[] next(Http2Client client) {
            if (sent == 0) {
                id = client.newStream();
            }
            return frames.get(sent++).apply(id);
        }

        void check(Http2Client client) {
            if (givenUp) {
                return;
            }
            Http2Client.Answer given = client.answerOrReset(id);
            if (given.status() == 200 && answer != null) {
                boolean aborted = deadline > 0 && given.body().length < answer.length;
                assertArrayEquals(aborted ? Arrays.copyOf(answer, given.body().length) : answer, given.body(), path);
            } else {
                // 0: the work had taken the answer when its time was up, and not written a byte of it
                assertEquals(given.status() == 0 && answer != null ? 0 : 503, given.status(), path);
                assertEquals(true, deadline > 0, path);
            }
        }
    }
}
