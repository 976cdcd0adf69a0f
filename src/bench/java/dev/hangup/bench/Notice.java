package dev.hangup.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * How long it takes from a client's close to the interrupt of its work, and to the close of a call that its work blocks in:
 * Hangup against the floor of {@link NoticingServer}, in turn. The clients, and the server that is called, are in this process.
 */
final class Notice implements Benchmark.Part {
    /** So many that the JIT compilers have done all they do, also with methods that are called once for each connection. */
    private static final int WARM_UPS = Integer.getInteger("notice.warmups", 6000);
    private static final int SAMPLES = Integer.getInteger("notice.samples", 2500);
    private static final int BATCH = 100;
    private static final List<String> SERVERS = List.of("floor", "floor", "hangup");
    private static final List<String> NAMES = List.of("floor", "A/A: floor", "Hangup");
    private static final List<String> WAYS = List.of("CLEAR", "TLS_1_3", "HTTP2_PRIOR_KNOWLEDGE_END", "HTTP2_PRIOR_KNOWLEDGE_RESET",
                                                     "HTTP2_ALPN_RESET");
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    @Override
    public String question() {
        return "from the client's close to the interrupt of its work, and to the close of the call that the work blocks in";
    }

    @Override
    public void run() throws Exception {
        System.out.println("| how the client leaves | server | to the interrupt: p50 | p99 | to the close of its call: p50 | p99 |");
        System.out.println("|---|---|---|---|---|---|");
        for (String name : WAYS) {
            compare(name, WayToLeave.named(name));
        }
        Thread busy = Thread.ofPlatform().daemon().start(Notice::keepHalfOfOneCoreBusy);
        compare("CLEAR, half of one core busy", WayToLeave.named("CLEAR"));
        busy.interrupt();
    }

    private static void compare(String name, WayToLeave way) throws Exception {
        try (ServerSocket called = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            List<ServerProcess> servers = new ArrayList<>();
            Map<ServerProcess, List<Sample>> samples = new LinkedHashMap<>();
            try {
                for (String program : SERVERS) {
                    ServerProcess server = ServerProcess.start(NoticingServer.class, program, way.name(),
                                                               String.valueOf(called.getLocalPort()));
                    servers.add(server);
                    samples.put(server, new ArrayList<>());
                    for (int i = 0; i < WARM_UPS; i++) {
                        try (WayToLeave connecting = WayToLeave.named(way.name())) {
                            measure(connecting, server, called);
                        }
                    }
                }
                for (int i = 0; i < SAMPLES; i += BATCH) {
                    for (ServerProcess server : servers) {
                        // the first finds caches that are another's
                        measure(way, server, called);
                        for (int k = 0; k < BATCH; k++) {
                            samples.get(server).add(measure(way, server, called));
                        }
                    }
                }
            } finally {
                servers.forEach(ServerProcess::close);
            }
            print(name, samples.values());
        }
    }

    private static void print(String name, Iterable<List<Sample>> all) {
        String first = name;
        int server = 0;
        for (List<Sample> samples : all) {
            Samples interrupt = new Samples(samples.stream().mapToDouble(Sample::toInterrupt).toArray());
            Samples close = new Samples(samples.stream().mapToDouble(Sample::toClose).toArray());
            System.out.printf(Locale.ROOT, "| %s | %s | %.3f ms | %.2f ms | %.3f ms | %.2f ms |%n", first, NAMES.get(server++),
                              interrupt.median(), interrupt.quantile(0.99), close.median(), close.quantile(0.99));
            first = "";
        }
    }

    private static Sample measure(WayToLeave way, ServerProcess server, ServerSocket called) throws IOException, InterruptedException {
        Runnable leave = way.ask(server.port(), NoticingServer.CALL);
        try (Socket call = called.accept()) {
            call.getInputStream().read();
            // for the watcher to be there: the watch delay is 2 ms at most
            TimeUnit.MILLISECONDS.sleep(4);
            long left = System.nanoTime();
            leave.run();
            call.getInputStream().read();
            long closed = System.nanoTime();
            long interrupted = Long.parseLong(server.nextLine());
            return new Sample((interrupted - left) / 1e6, (closed - left) / 1e6);
        }
    }

    private static void keepHalfOfOneCoreBusy() {
        while (!Thread.currentThread().isInterrupted()) {
            for (long end = System.nanoTime() + BUSY_NANOS; System.nanoTime() < end;) {
                Thread.onSpinWait();
            }
            try {
                TimeUnit.NANOSECONDS.sleep(BUSY_NANOS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Times in milliseconds. */
    private record Sample(double toInterrupt, double toClose) {
    }
}
