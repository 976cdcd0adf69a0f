package dev.hangup.storm;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;

import dev.hangup.Hangup;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBound;

import io.helidon.webserver.WebServer;

/** The server of the experiment, in a process of its own: each request costs the same time of a processor, once it is warm. */
final class StormServer {
    /** What one answer costs. */
    static final Duration WORK = Duration.ofMillis(50);
    /** What one costs while the server warms up. */
    static final Duration WARM_UP_WORK = Duration.ofMillis(1);
    /** How many processors compute; the others are for the rest, and for the clients. */
    static final int COMPUTING = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    private static final Duration CACHED = Duration.ofSeconds(2);
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    /** Held, since loggers are forgotten that nobody holds. */
    private static final Logger ROOT = Logger.getLogger("");
    private static final LongAdder USED = new LongAdder();
    private static volatile Duration cost = WARM_UP_WORK;

    private StormServer() {
    }

    /** Says its port when it listens, and ends when its input does. */
    public static void main(String[] args) throws Exception {
        // each departure would be a line
        ROOT.setLevel(Level.OFF);
        ExecutorService pool = Executors.newFixedThreadPool(COMPUTING);
        CpuBound cpu = CpuBound.builder().parallelism(COMPUTING).queue(10_000).build();
        Callable<String> work = StormServer::compute;
        WebServer server = WebServer.builder()
                .host("localhost")
                .shutdownHook(false)
                .addFeature(Hangup.create())
                .routing(routing -> routing
                        .get(Series.NO_CONTEXT.path(), (request, response) -> response.send(pool.submit(work).get()))
                        .get(Series.WITH_CONTEXT.path(), Hangup.cancellable(request -> cpu.call(work)))
                        .get(Series.SHARED.path(), Coalescing.<String, String>builder()
                                .key(request -> request.query().get("key"))
                                .computing(key -> cpu.call(work))
                                .cacheFor(CACHED)
                                .build())
                        .get("/warm", (request, response) -> {
                            // behind what the plain server still has to compute for nobody
                            pool.submit(() -> cost = WORK).get();
                            response.send();
                        })
                        .get("/used", (request, response) -> response.send(String.valueOf(USED.sum()))))
                .build()
                .start();
        System.out.println(server.port());
        while (System.in.read() != -1) {
            // whoever has started this has not gone
        }
        System.exit(0);
    }

    private static String compute() throws InterruptedException {
        long nanos = cost.toNanos();
        long start = THREADS.getCurrentThreadCpuTime();
        long state = start;
        try {
            while (THREADS.getCurrentThreadCpuTime() - start < nanos) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                for (int i = 0; i < 20_000; i++) {
                    state = state * 6364136223846793005L + 1442695040888963407L;
                }
            }
            return Long.toHexString(state);
        } finally {
            USED.add(THREADS.getCurrentThreadCpuTime() - start);
        }
    }
}
