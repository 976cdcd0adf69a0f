package dev.hangup.internal.connection;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.cpu.CpuBound;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.ChildOutput;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;

/** A server in a JVM of its own with a small heap, and Hangup's defaults for what may be read ahead. */
public final class FloodedServer implements AutoCloseable {
    /** What each connection holds at worst beside the total: what it is guaranteed, and one read. */
    static final int EACH = ReadAheadBounds.GUARANTEED + 8 * 1024 + ReadBuffer.OVERHEAD;
    private static final int HEAP_MIB = 64;
    /** Longer than a test takes on a busy machine. */
    private static final Duration LASTS = Duration.ofMinutes(5);

    private final Process process;
    private final int port;

    private FloodedServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    public static FloodedServer start() throws IOException {
        Process process = ChildJvm.running(FloodedServer.class, List.of("-Xmx" + HEAP_MIB + "m", "-XX:+ExitOnOutOfMemoryError"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader output = process.inputReader();
        int port = ChildOutput.readPort(output);
        // its log goes there too, and it would block in writing that
        Thread.startVirtualThread(() -> output.lines().forEach(line -> { }));
        return new FloodedServer(process, port);
    }

    public RawClient connect() {
        return RawClient.connect(port);
    }

    RawClient connect(String from) {
        return RawClient.connect(port, from);
    }

    /** How it is, as it says itself over a connection of its own. */
    Health health() {
        try (RawClient client = connect()) {
            String[] values = client.get("/health").read().text().split(" ");
            return new Health(Integer.parseInt(values[0]), Long.parseLong(values[1]), Long.parseLong(values[2]),
                              Integer.parseInt(values[3]));
        }
    }

    /** Cancels all requests in flight whose work is watched, as an operator does. */
    void cancelAll() {
        try (RawClient client = connect()) {
            client.get("/cancel").read();
        }
    }

    /** How many threads its connections have, but for that of the one who asks. */
    long threads() {
        try (RawClient client = connect()) {
            return Long.parseLong(client.get("/threads").read().text()) - 1;
        }
    }

    /** Stops its process, which neither reads nor accepts until it is resumed. */
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Resumes its process. */
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        if (new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor() != 0) {
            throw new AssertionError("No signal " + signal);
        }
    }

    /** How many bytes of its heap are in use once what nobody refers to was collected. */
    public long memory() {
        try (RawClient client = connect()) {
            return Long.parseLong(client.get("/memory").read().text());
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /**
     * How a server is.
     *
     * @param working requests in flight
     * @param held    bytes that were read ahead
     * @param total   bytes that may be
     * @param begun   requests whose work has begun
     */
    record Health(int working, long held, long total, int begun) {
    }

    /** In the other JVM. */
    public static void main(String[] arguments) {
        AtomicInteger working = new AtomicInteger();
        AtomicInteger begun = new AtomicInteger();
        long total = Runtime.getRuntime().maxMemory() / 8;
        Hangup hangup = Hangup.builder().lingeringClose(Duration.ofMillis(100)).deadline(LASTS).build();
        WebServer server = WebServer.builder()
                .featuresDiscoverServices(false)
                .addFeature(hangup)
                .routing(routing -> routing(routing, hangup, working, begun, total))
                .build()
                .start();
        System.out.println(server.port());
    }

    private static void routing(HttpRouting.Builder routing, Hangup hangup, AtomicInteger working, AtomicInteger begun,
                                long total) {
        // a dump of all threads that a virtual one makes may wait for others that need its carrier (JDK 21)
        CpuBound dumps = CpuBound.create();
        routing.post("/work", Hangup.cancellable((request, response) -> {
                    working.incrementAndGet();
                    begun.incrementAndGet();
                    try {
                        Thread.sleep(LASTS);
                    } finally {
                        working.decrementAndGet();
                    }
                }))
                .get("/health", Hangup.cancellable(request -> Stream.of(working.get(), held(request), total, begun.get())
                        .map(String::valueOf)
                        .reduce((one, other) -> one + " " + other)
                        .orElseThrow()))
                .get("/work", Hangup.cancellable(request -> {
                    Thread.sleep(LASTS);
                    return "never";
                }))
                .get("/cancel", (request, response) -> {
                    hangup.inFlight().forEach(it -> hangup.cancel(it.request().id()));
                    response.send();
                })
                .get("/trivial", Hangup.cancellable(request -> "trivial"))
                .get("/memory", Hangup.cancellable(request -> {
                    System.gc();
                    return String.valueOf(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
                }))
                // not cancellable: a dump that takes longer than the watch delay would count the thread that watches its client
                .get("/threads", (request, response) ->
                        response.send(dumps.call(() -> String.valueOf(Usage.connectionThreads()))));
    }

    private static long held(ServerRequest request) {
        return Exchange.of(request).routing(ConnectionPolicy.class).orElseThrow().readAhead().held();
    }
}
