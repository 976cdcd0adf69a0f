package dev.hangup.storm;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.cluster.Codec;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBound;

import io.helidon.webserver.WebServer;

/**
 * The server of the experiment, in a process of its own: each request costs the same time of a processor, once it is warm. A
 * replica sleeps instead, one request at a time, since three of them would not have a processor each.
 */
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
    /** Written by the main thread, before the server starts. */
    private static boolean sleeping;

    private StormServer() {
    }

    /**
     * Says its port when it listens, and ends when its input does.
     *
     * @param args none, or {@code replica} and, of one that is a member of a cluster, the keystore, its port and the ports of all
     */
    public static void main(String[] args) throws Exception {
        // each departure would be a line
        ROOT.setLevel(Level.OFF);
        sleeping = args.length > 0;
        int atATime = sleeping ? 1 : COMPUTING;
        ExecutorService pool = Executors.newFixedThreadPool(atATime);
        CpuBound cpu = CpuBound.builder().parallelism(atATime).queue(10_000).build();
        Callable<String> work = sleeping ? StormServer::sleep : StormServer::compute;
        HangupConfig.Builder hangup = Hangup.builder();
        if (args.length > 1) {
            hangup.cluster(cluster(args));
        }
        Coalescing<String, String> shared = Coalescing.<String, String>builder()
                .key(request -> request.query().get("key"))
                .computing(key -> cpu.call(work))
                .cacheFor(CACHED)
                .clustered("storm", Codec.text(), Codec.text())
                .build();
        WebServer server = WebServer.builder()
                .host("localhost")
                .shutdownHook(false)
                .addFeature(hangup.build())
                .routing(routing -> routing
                        .get(Series.NO_CONTEXT.path(), (request, response) -> response.send(pool.submit(work).get()))
                        .get(Series.WITH_CONTEXT.path(), Hangup.cancellable(request -> cpu.call(work)))
                        .get(Series.SHARED.path(), shared)
                        .get(Series.CLUSTERED.path(), shared)
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

    private static ClusterConfig cluster(String[] args) {
        return ClusterConfig.builder()
                .port(Integer.parseInt(args[2]))
                .httpPort(0)
                // on a busy machine, a member may be silent for seconds
                .goneAfter(Duration.ofSeconds(20))
                .members(Stream.of(args).skip(3).map(it -> "127.0.0.1:" + it).toList())
                .tls(new ClusterKeys(Path.of(args[1])).tls())
                .build();
    }

    private static String sleep() throws InterruptedException {
        long start = System.nanoTime();
        try {
            Thread.sleep(cost);
            return Long.toHexString(start);
        } finally {
            USED.add(System.nanoTime() - start);
        }
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
