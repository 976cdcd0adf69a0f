package dev.hangup.restart;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;

/**
 * Clients that send requests through a proxy until they are stopped: short ones, long ones, and POSTs. Each has a connection of
 * its own, and none is repeated by its client. A replica passes a POST on to a server in this JVM, which counts how often it was
 * begun.
 */
final class Load implements AutoCloseable {
    private static final int PAUSE_MILLIS = 30;

    private final int each;
    private final Duration length;
    private final PlainServer target;
    private final AtomicLong ids = new AtomicLong();
    private final Map<String, AtomicLong> sent = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> answered = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> begun = new ConcurrentHashMap<>();
    private final Queue<String> lost = new ConcurrentLinkedQueue<>();
    private final List<Thread> clients = new CopyOnWriteArrayList<>();
    private volatile boolean over;

    /**
     * @param each   how many clients there are of each kind
     * @param length how long the long requests last
     */
    Load(int each, Duration length) {
        this.each = each;
        this.length = length;
        this.target = PlainServer.builder().start(routing -> routing.any("/", (request, response) -> {
            String id = request.query().get("id");
            begun.computeIfAbsent(id, it -> new AtomicLong()).incrementAndGet();
            // every other POST is a long one
            Thread.sleep(Long.parseLong(id) % 2 == 0 ? length : Duration.ZERO);
            response.send("done");
        }));
    }

    /** Where replicas pass their POSTs on to. */
    String target() {
        return "http://127.0.0.1:" + target.port() + "/";
    }

    /** Starts clients of a proxy; may be called for several. */
    void start(int port) {
        begin("short", port, id -> "GET /with-context?seconds=0");
        begin("long", port, id -> "GET /with-context?seconds=" + length.toMillis() / 1000.0);
        begin("post", port, id -> "POST /with-context/relay?id=" + id);
    }

    /** Waits for the responses to what was sent. */
    Result stop() throws InterruptedException {
        over = true;
        for (Thread client : clients) {
            client.join();
        }
        long repeated = begun.values().stream().filter(it -> it.get() > 1).count();
        return new Result(Map.copyOf(sent), Map.copyOf(answered), begun.size(), repeated, List.copyOf(lost));
    }

    private void begin(String kind, int port, Line line) {
        sent.putIfAbsent(kind, new AtomicLong());
        answered.putIfAbsent(kind, new AtomicLong());
        for (int i = 0; i < each; i++) {
            clients.add(Thread.startVirtualThread(() -> {
                while (!over) {
                    request(kind, port, line.of(ids.incrementAndGet()));
                    pause();
                }
            }));
        }
    }

    private void request(String kind, int port, String line) {
        sent.get(kind).incrementAndGet();
        try (RawClient client = RawClient.connect(port)) {
            RawClient.Response response = client.send(line + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                    + "Connection: close\r\n\r\n").read();
            if (response.status() == 200) {
                answered.get(kind).incrementAndGet();
            } else {
                lost.add(line + ": " + response.status());
            }
        } catch (UncheckedIOException e) {
            lost.add(line + ": " + e.getCause());
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        over = true;
        target.close();
    }

    @FunctionalInterface
    private interface Line {
        String of(long id);
    }

    /**
     * What came of the requests.
     *
     * @param sent     by kind
     * @param answered with 200, by kind
     * @param begun    POSTs that have begun
     * @param repeated POSTs that have begun more than once
     * @param lost     what was not answered with 200, and how it ended
     */
    record Result(Map<String, AtomicLong> sent, Map<String, AtomicLong> answered, long begun, long repeated,
                  List<String> lost) {
        boolean isClean() {
            return lost.isEmpty() && repeated == 0;
        }

        @Override
        public String toString() {
            StringBuilder text = new StringBuilder();
            sent.keySet().stream().sorted().forEach(kind -> text.append(String.format(
                    "%-6s sent %6d, answered %6d, lost %d%n", kind, sent.get(kind).get(), answered.get(kind).get(),
                    sent.get(kind).get() - answered.get(kind).get())));
            text.append("POSTs  begun ").append(begun).append(", repeated ").append(repeated);
            lost.stream().limit(10).forEach(it -> text.append("\n  lost: ").append(it));
            return text.toString();
        }
    }
}
