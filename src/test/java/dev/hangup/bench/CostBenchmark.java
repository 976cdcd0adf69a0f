package dev.hangup.bench;

import java.time.Duration;
import java.util.Locale;

/**
 * What a trivial request costs under Hangup, against the same on plain Helidon: CPU time of the server's process for
 * each request, and requests per second. Pairs in turn, in one run, since machines drift.
 */
public final class CostBenchmark {
    private static final String BARE = "/no-context?seconds=0";
    private static final String UNDER_HANGUP = "/with-context?seconds=0";

    private CostBenchmark() {
    }

    /**
     * Runs it.
     *
     * @param args pairs (default 10), milliseconds of each half (3000), connections (16)
     */
    public static void main(String[] args) throws Exception {
        int pairs = args.length > 0 ? Integer.parseInt(args[0]) : 10;
        long millis = args.length > 1 ? Long.parseLong(args[1]) : 3000;
        int connections = args.length > 2 ? Integer.parseInt(args[2]) : 16;
        double[] cpu = new double[pairs];
        double[] rate = new double[pairs];
        try (ServerProcess server = ServerProcess.start()) {
            for (int i = 0; i < 3; i++) {
                measure(server, BARE, connections, millis);
                measure(server, UNDER_HANGUP, connections, millis);
            }
            for (int i = 0; i < pairs; i++) {
                Measured bare = measure(server, BARE, connections, millis);
                Measured hangup = measure(server, UNDER_HANGUP, connections, millis);
                cpu[i] = hangup.cpuMicros / bare.cpuMicros;
                rate[i] = hangup.perSecond / bare.perSecond;
                System.out.printf(Locale.ROOT, "bare %6.2f us/request %7.0f/s   hangup %6.2f us/request %7.0f/s%n",
                                  bare.cpuMicros, bare.perSecond, hangup.cpuMicros, hangup.perSecond);
            }
        }
        System.out.println("CPU per request, Hangup to bare:     " + new Samples(cpu).spread("%.3f"));
        System.out.println("requests per second, Hangup to bare: " + new Samples(rate).spread("%.3f"));
    }

    private static Measured measure(ServerProcess server, String path, int connections, long millis)
            throws InterruptedException {
        Duration before = server.cpu();
        long start = System.nanoTime();
        long answers = Load.run(server.port(), path, connections, millis);
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuMicros = server.cpu().minus(before).toNanos() / 1e3 / answers;
        return new Measured(cpuMicros, answers / seconds);
    }

    private record Measured(double cpuMicros, double perSecond) {
    }
}
