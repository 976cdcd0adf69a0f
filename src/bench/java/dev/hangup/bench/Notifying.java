package dev.hangup.bench;

import java.io.IOException;
import java.time.Duration;

/** What it costs to count requests, and to record those that do not complete: the server's CPU time for each. */
final class Notifying implements Benchmark.Part {
    private static final String COMPLETES = "/with-context?seconds=0";
    /** It is told no address to call. */
    private static final String FAILS = "/with-context/relay";
    private static final String RECORDING = "name=hangup";
    private static final String ONE_EVENT = "+dev.hangup.RequestNotCompleted#enabled=true";
    private static final int WARM_UPS = 5;
    private static final int PAIRS = 20;
    private static final long MILLIS = 1000;
    private static final int CONNECTIONS = 16;

    @Override
    public String question() {
        return "a trivial request counted, against one that is not; a failed one recorded, and not: " + PAIRS + " pairs each";
    }

    @Override
    public void run() throws Exception {
        double[] counted = new double[PAIRS];
        double[] recorded = new double[PAIRS];
        try (ServerProcess counting = start("true"); ServerProcess other = start("false")) {
            for (int i = 0; i < WARM_UPS; i++) {
                micros(counting, COMPLETES, 200);
                micros(other, COMPLETES, 200);
            }
            for (int i = 0; i < PAIRS; i++) {
                double before = micros(other, COMPLETES, 200);
                double between = micros(counting, COMPLETES, 200);
                double after = micros(other, COMPLETES, 200);
                counted[i] = between * 2 / (before + after);
            }
            for (int i = 0; i < WARM_UPS; i++) {
                micros(counting, FAILS, 503);
                record(counting);
                micros(counting, FAILS, 503);
                stopRecording(counting);
            }
            for (int i = 0; i < PAIRS; i++) {
                double before = micros(counting, FAILS, 503);
                record(counting);
                double between = micros(counting, FAILS, 503);
                stopRecording(counting);
                double after = micros(counting, FAILS, 503);
                recorded[i] = between * 2 / (before + after);
            }
        }
        System.out.println("CPU per request, counted to not counted:          " + new Samples(counted).spread("%.3f"));
        System.out.println("CPU per failed request, recorded to not recorded: " + new Samples(recorded).spread("%.3f"));
    }

    private static ServerProcess start(String metrics) throws IOException, InterruptedException {
        return ServerProcess.start("page.enabled=false", "server.features.observe.enabled=false",
                                   "server.features.hangup.metrics=" + metrics);
    }

    private static void record(ServerProcess server) throws IOException {
        server.jcmd("JFR.start", RECORDING, "settings=none", ONE_EVENT);
    }

    private static void stopRecording(ServerProcess server) throws IOException {
        server.jcmd("JFR.stop", RECORDING);
    }

    private static double micros(ServerProcess server, String path, int status) throws IOException, InterruptedException {
        Duration before = server.cpu();
        long answers = Load.run(server.port(), path, status, CONNECTIONS, MILLIS);
        return server.cpu().minus(before).toNanos() / 1e3 / answers;
    }
}
