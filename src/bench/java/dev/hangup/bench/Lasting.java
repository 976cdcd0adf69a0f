package dev.hangup.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/** Whether a request that lasts costs more CPU time the more of them are in flight. */
final class Lasting implements Benchmark.Part {
    private static final int PER_SECOND = 2000;
    private static final int[] IN_FLIGHT = {100, 1000, 9000};
    private static final int ROUNDS = 3;

    @Override
    public String question() {
        return "CPU for each of " + PER_SECOND + " requests in a second that sleep, the longer the more are in flight";
    }

    @Override
    public void run() throws Exception {
        try (ServerProcess plainServer = ServerProcess.startPlain(); ServerProcess hangupServer = ServerProcess.start()) {
            for (ServerProcess server : new ServerProcess[] {plainServer, hangupServer}) {
                micros(server, server == plainServer ? "/no-context" : "/with-context", 1000);
            }
            for (int count : IN_FLIGHT) {
                double[] plain = new double[ROUNDS];
                double[] hangup = new double[ROUNDS];
                for (int i = 0; i < ROUNDS; i++) {
                    plain[i] = micros(plainServer, "/no-context", count);
                    hangup[i] = micros(hangupServer, "/with-context", count);
                }
                System.out.printf(Locale.ROOT, "%,6d in flight: plain Helidon %5.1f us, Hangup %5.1f us%n",
                                  count, new Samples(plain).median(), new Samples(hangup).median());
            }
        }
    }

    private static double micros(ServerProcess server, String path, int inFlight) throws IOException, InterruptedException {
        double seconds = (double) inFlight / PER_SECOND;
        long answers;
        Duration before;
        try (Load load = Load.start(server.port(), path + "?seconds=" + seconds, inFlight, (long) (seconds * 1000))) {
            // all have begun
            Thread.sleep((long) (seconds * 1000) + 500);
            before = server.cpu();
            answers = -load.answers();
            Thread.sleep(5000);
            answers += load.answers();
            return server.cpu().minus(before).toNanos() / 1e3 / answers;
        }
    }
}
