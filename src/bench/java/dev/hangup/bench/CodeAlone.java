package dev.hangup.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import dev.hangup.testing.Transport;

/**
 * What a trivial request costs without sockets: requests come from {@link EndlessConnections}, and one carrier runs them. Other
 * users of a machine can only make a second slower, so the quickest second of each process counts. A bare route never waits, so
 * one of its connections keeps the carrier; those of the other routes take turns. So compare the bare routes with each other only.
 */
final class CodeAlone implements Benchmark.Part {
    private static final int GENERATIONS = Integer.getInteger("code.generations", 5);
    private static final int WARM_UP_SECONDS = 6;
    private static final int SECONDS = 6;

    @Override
    public String question() {
        return "CPU time and garbage of a trivial request without sockets, in the quickest second of each of " + GENERATIONS
                + " processes";
    }

    @Override
    public void run() throws Exception {
        Map<String, List<Second>> all = new LinkedHashMap<>();
        for (int i = 0; i < GENERATIONS; i++) {
            measure(all, "bare", false, FloorServer.BARE, "");
            measure(all, "bare route, server with Hangup", true, FloorServer.BARE, "");
            measure(all, "floor", false, FloorServer.FORKED, "");
            measure(all, "route under Hangup", true, FloorServer.HANGUP, "");
            String before = System.getProperty("benchmark.before", "");
            if (!before.isEmpty()) {
                measure(all, "bare route, before", true, FloorServer.BARE, before);
                measure(all, "route under Hangup, before", true, FloorServer.HANGUP, before);
            }
        }
        System.out.println("| | CPU time: median | all | garbage |");
        System.out.println("|---|---|---|---|");
        all.forEach((name, seconds) -> {
            Samples nanos = new Samples(seconds.stream().mapToDouble(Second::nanos).toArray());
            System.out.printf(Locale.ROOT, "| %s | %.2f us | %.2f to %.2f us | %.1f KB |%n", name, nanos.median() / 1e3,
                              nanos.quantile(0) / 1e3, nanos.quantile(1) / 1e3,
                              new Samples(seconds.stream().mapToDouble(Second::bytes).toArray()).median() / 1e3);
        });
    }

    private static void measure(Map<String, List<Second>> all, String name, boolean hangup, String path, String before)
            throws IOException, InterruptedException {
        try (ServerProcess server = ServerProcess.startEndless(path, before, FloorServer.class, String.valueOf(hangup),
                                                               Transport.CLEAR.name())) {
            for (int i = 0; i < WARM_UP_SECONDS; i++) {
                server.nextLine();
            }
            Second quickest = null;
            Counts last = Counts.of(server.nextLine());
            for (int i = 0; i < SECONDS; i++) {
                Counts now = Counts.of(server.nextLine());
                Second second = now.since(last);
                quickest = quickest == null || second.nanos < quickest.nanos ? second : quickest;
                last = now;
            }
            all.computeIfAbsent(name, it -> new ArrayList<>()).add(quickest);
        }
    }

    /** What a request costs in one second. */
    private record Second(double nanos, double bytes) {
    }

    /** A line of {@link EndlessConnections}. */
    private record Counts(long responses, long nanos, long bytes) {
        static Counts of(String line) throws IOException {
            if (line == null || !line.matches("\\d+ \\d+ \\d+")) {
                throw new IOException("The server has said " + line);
            }
            String[] parts = line.split(" ");
            return new Counts(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
        }

        Second since(Counts before) {
            double count = responses - before.responses;
            return new Second((nanos - before.nanos) / count, (bytes - before.bytes) / count);
        }
    }
}
