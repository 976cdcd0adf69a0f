package dev.hangup.bench;

import java.time.Duration;

/** What a trivial request costs under Hangup: the server's CPU time for each, and how many there are in a second. */
final class Cost implements Benchmark.Part {
    private static final String BARE = "/no-context?seconds=0";
    private static final String UNDER_HANGUP = "/with-context?seconds=0";
    private static final int WARM_UPS = 5;
    private static final int PAIRS = 40;
    private static final long MILLIS = 1000;
    private static final int CONNECTIONS = 16;

    @Override
    public String question() {
        return "a trivial request under Hangup, against the bare one, " + PAIRS + " pairs in turn";
    }

    @Override
    public void run() throws Exception {
        double[] bareMicros = new double[PAIRS];
        double[] cpu = new double[PAIRS];
        double[] rate = new double[PAIRS];
        // what the demo itself makes of requests is not Hangup's; Helidon counts them, too, once it is asked for metrics
        try (ServerProcess server = ServerProcess.start("page.enabled=false", "server.features.observe.enabled=false")) {
            for (int i = 0; i < WARM_UPS; i++) {
                measure(server, BARE);
                measure(server, UNDER_HANGUP);
            }
            for (int i = 0; i < PAIRS; i++) {
                // whoever comes first may find the machine in another state than who comes second
                boolean bareFirst = i % 2 == 0;
                Measured first = measure(server, bareFirst ? BARE : UNDER_HANGUP);
                Measured second = measure(server, bareFirst ? UNDER_HANGUP : BARE);
                Measured bare = bareFirst ? first : second;
                Measured hangup = bareFirst ? second : first;
                bareMicros[i] = bare.cpuMicros;
                cpu[i] = hangup.cpuMicros / bare.cpuMicros;
                rate[i] = hangup.perSecond / bare.perSecond;
            }
        }
        System.out.println("CPU for a bare request, us:          " + new Samples(bareMicros).spread("%.2f"));
        System.out.println("CPU per request, Hangup to bare:     " + new Samples(cpu).spread("%.3f"));
        System.out.println("requests per second, Hangup to bare: " + new Samples(rate).spread("%.3f"));
    }

    private static Measured measure(ServerProcess server, String path) throws InterruptedException {
        Duration before = server.cpu();
        long start = System.nanoTime();
        long answers = Load.run(server.port(), path, 200, CONNECTIONS, MILLIS);
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuMicros = server.cpu().minus(before).toNanos() / 1e3 / answers;
        return new Measured(cpuMicros, answers / seconds);
    }

    private record Measured(double cpuMicros, double perSecond) {
    }
}
