package dev.hangup.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a request costs at several targets: CPU time of the server's process, and requests per second. The targets are asked in
 * turn, in short rounds, and each ratio is that of two rounds one after the other, since the speed of a machine changes. Two
 * targets that are the same, the A/A pair, show how much of a ratio is chance: a ratio within their spread counts as none.
 */
final class Comparison {
    private final List<Target> targets;
    private final int rounds;

    Comparison(List<Target> targets, int rounds) {
        this.targets = targets;
        this.rounds = rounds;
    }

    /** Prints the head of a table; each comparison adds its lines. */
    static void printHead() {
        System.out.println("| load (and load average) | target | CPU time | to what | ratio | half of the pairs | requests per second |");
        System.out.println("|---|---|---|---|---|---|---|");
    }

    /** Asks each target so many times, since most code is compiled only then. */
    void warmUp(Load load, int requests) throws IOException, InterruptedException {
        for (Target target : targets) {
            for (long answers = 0; answers < requests;) {
                answers += load.run(target.server, target.path);
            }
        }
    }

    /** Prints the lines of a load. */
    void run(String name, Load load) throws IOException, InterruptedException {
        Map<Target, List<Measured>> all = new LinkedHashMap<>();
        targets.forEach(it -> all.put(it, new ArrayList<>()));
        List<Target> order = new ArrayList<>(targets);
        for (int i = 0; i < rounds; i++) {
            // whoever comes first may find the machine in another state than who comes last
            Collections.reverse(order);
            for (Target target : order) {
                all.get(target).add(target.measure(load));
            }
        }
        double busy = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        String first = String.format(Locale.ROOT, "%s (%.1f)", name, busy);
        for (Target target : targets) {
            double[] micros = all.get(target).stream().mapToDouble(Measured::micros).toArray();
            double[] rates = all.get(target).stream().mapToDouble(Measured::perSecond).toArray();
            System.out.printf(Locale.ROOT, "| %s | %s | %.2f us | %s | %,.0f |%n", first, target.name, new Samples(micros).median(),
                              target.against == null ? "| |" : ratio(target, micros, all), new Samples(rates).median());
            first = "";
        }
    }

    private static String ratio(Target target, double[] micros, Map<Target, List<Measured>> all) {
        List<Measured> reference = all.get(target.against);
        double[] ratios = new double[micros.length];
        Arrays.setAll(ratios, i -> micros[i] / reference.get(i).micros);
        Samples samples = new Samples(ratios);
        return String.format(Locale.ROOT, "%s | **%.3f** | %.3f to %.3f", target.against.name, samples.median(),
                             samples.quantile(0.25), samples.quantile(0.75));
    }

    /** What clients do. */
    @FunctionalInterface
    interface Load {
        /** Asks for a path, for about a second; returns how many answers there were. */
        long run(ServerProcess server, String path) throws IOException, InterruptedException;
    }

    /**
     * One of those that are compared.
     *
     * @param against what it is compared with; {@code null} if nothing
     */
    record Target(String name, ServerProcess server, String path, Target against) {
        private Measured measure(Load load) throws IOException, InterruptedException {
            Duration before = server.cpu();
            long start = System.nanoTime();
            long answers = load.run(server, path);
            double seconds = (System.nanoTime() - start) / 1e9;
            double cpu = server.cpu().minus(before).toNanos() / 1e3;
            return new Measured(cpu / answers, answers / seconds);
        }
    }

    private record Measured(double micros, double perSecond) {
    }
}
