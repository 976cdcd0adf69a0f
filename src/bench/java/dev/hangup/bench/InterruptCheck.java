package dev.hangup.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/** What it costs a loop to look whether it is interrupted. */
final class InterruptCheck implements Benchmark.Part {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 1 << 24;
    private static final int CHUNK = 1 << 10;
    private static final int PAIRS = 21;
    private static final int[] DATA = new int[CHUNK];

    @Override
    public String question() {
        return "a loop that looks at Thread.interrupted(), beside the same loop that does not";
    }

    @Override
    public void run() {
        compare("hash, a look in every round", InterruptCheck::hash, InterruptCheck::hashLooking);
        compare("sum of an array, a look in every round", InterruptCheck::sum, InterruptCheck::sumLooking);
        compare("sum of an array, a look in " + CHUNK + " rounds", InterruptCheck::sum, InterruptCheck::sumLookingSeldom);
    }

    private static void compare(String what, IntUnaryOperator blind, IntUnaryOperator looking) {
        double[] nanos = new double[PAIRS];
        double[] ratios = new double[PAIRS];
        // the first pairs are for the compiler
        for (int i = -PAIRS; i < PAIRS; i++) {
            double without = nanosForARound(blind);
            nanos[Math.max(i, 0)] = without;
            ratios[Math.max(i, 0)] = nanosForARound(looking) / without;
        }
        System.out.printf(Locale.ROOT, "%-42s %.2f ns without; with it times as long: %s%n", what,
                          new Samples(nanos).median(), new Samples(ratios).spread("%.2f"));
    }

    private static double nanosForARound(IntUnaryOperator loop) {
        // of this thread alone: others may be running too
        long start = THREADS.getCurrentThreadCpuTime();
        DATA[0] += loop.applyAsInt(DATA[0]);
        return (THREADS.getCurrentThreadCpuTime() - start) / (double) ROUNDS;
    }

    /** A loop whose every step waits for the one before, as most do. */
    private static int hash(int seed) {
        int hash = seed;
        for (int i = 0; i < ROUNDS; i++) {
            hash = 31 * hash ^ hash >>> 15;
        }
        return hash;
    }

    private static int hashLooking(int seed) {
        int hash = seed;
        for (int i = 0; i < ROUNDS; i++) {
            if (Thread.interrupted()) {
                break;
            }
            hash = 31 * hash ^ hash >>> 15;
        }
        return hash;
    }

    /** A loop that the compiler makes several steps of at a time, unless there is something to look at in between. */
    private static int sum(int seed) {
        int sum = seed;
        for (int chunk = 0; chunk < ROUNDS / CHUNK; chunk++) {
            for (int i = 0; i < CHUNK; i++) {
                sum += DATA[i];
            }
        }
        return sum;
    }

    private static int sumLooking(int seed) {
        int sum = seed;
        for (int chunk = 0; chunk < ROUNDS / CHUNK; chunk++) {
            for (int i = 0; i < CHUNK; i++) {
                if (Thread.interrupted()) {
                    return sum;
                }
                sum += DATA[i];
            }
        }
        return sum;
    }

    private static int sumLookingSeldom(int seed) {
        int sum = seed;
        for (int chunk = 0; chunk < ROUNDS / CHUNK; chunk++) {
            if (Thread.interrupted()) {
                break;
            }
            for (int i = 0; i < CHUNK; i++) {
                sum += DATA[i];
            }
        }
        return sum;
    }
}
