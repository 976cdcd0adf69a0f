package dev.hangup.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a request costs at several targets under one load: CPU time of the server's process, and requests per second. The targets
 * are asked in turn, in short rounds, and each ratio is that of two rounds one after the other, since the speed of a machine
 * changes. Two targets that are the same, the A/A pair, show how much of a ratio is chance: a ratio within their spread counts as
 * none.
 * <p>
 * The JIT compilers compile the same code differently in each process. So a comparison covers several generations of processes, and
 * also shows the range of their medians. The methods that last as long as a connection are compiled only once there were thousands
 * of connections, and the waits of a virtual thread with an interpreted frame are slower. So the warm-up needs connections, too.
 */
final class Comparison {
    private final String name;
    private final Load load;
    /** The rounds of each target, by its place in the list of targets. */
    private final List<List<Measured>> measured = new ArrayList<>();
    private int generations;
    private int turns;
    private List<Target> targets = List.of();

    /** @param name what the load is */
    Comparison(String name, Load load) {
        this.name = name;
        this.load = load;
    }

    /** Asks each target so many times, since most code is compiled only then. */
    static void warmUp(Load load, List<Target> generation, int requests) throws IOException, InterruptedException {
        for (Target target : generation) {
            for (long answers = 0; answers < requests;) {
                answers += load.run(target.server, target.path);
            }
        }
    }

    /** Measures a generation. Each call must pass corresponding targets in the same order, and the same number of rounds. */
    void measure(List<Target> generation, int rounds) throws IOException, InterruptedException {
        targets = generation;
        generations++;
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            order.add(i);
            if (measured.size() == i) {
                measured.add(new ArrayList<>());
            }
        }
        for (int i = 0; i < rounds; i++) {
            // whoever comes first may find the machine in another state than who comes last
            for (int place : turns++ % 2 == 0 ? order : order.reversed()) {
                measured.get(place).add(targets.get(place).measure(load));
            }
        }
    }

    /** Prints what was measured as the lines of a table. */
    static void print(List<Comparison> comparisons) {
        System.out.println("| load | target | CPU time | to what | ratio | half of the pairs | generations "
                                   + "| requests per second |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        comparisons.forEach(Comparison::print);
    }

    private void print() {
        String first = name;
        for (int place = 0; place < targets.size(); place++) {
            Target target = targets.get(place);
            double[] micros = micros(place);
            double[] rates = measured.get(place).stream().mapToDouble(Measured::perSecond).toArray();
            System.out.printf(Locale.ROOT, "| %s | %s | %.2f us | %s | %,.0f |%n", first, target.name, new Samples(micros).median(),
                              target.against == null ? "| | |" : ratio(target, micros), new Samples(rates).median());
            first = "";
        }
    }

    private double[] micros(int place) {
        return measured.get(place).stream().mapToDouble(Measured::micros).toArray();
    }

    private String ratio(Target target, double[] micros) {
        double[] reference = micros(targets.indexOf(target.against));
        double[] ratios = new double[micros.length];
        Arrays.setAll(ratios, i -> micros[i] / reference[i]);
        Samples samples = new Samples(ratios);
        double[] medians = new double[generations];
        int rounds = ratios.length / generations;
        Arrays.setAll(medians, i -> new Samples(Arrays.copyOfRange(ratios, i * rounds, (i + 1) * rounds)).median());
        Samples each = new Samples(medians);
        return String.format(Locale.ROOT, "%s | **%.3f** | %.3f to %.3f | %.3f to %.3f", target.against.name, samples.median(),
                             samples.quantile(0.25), samples.quantile(0.75), each.quantile(0), each.quantile(1));
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
