package dev.hangup.bench;

import java.util.Arrays;
import java.util.Locale;

/** Measured values, and what to say of them. */
final class Samples {
    private final double[] sorted;

    Samples(double... values) {
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    double quantile(double q) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
    }

    double median() {
        return quantile(0.5);
    }

    String spread(String format) {
        return String.format(Locale.ROOT, "median " + format + "  (min " + format + ", max " + format + ")",
                             median(), sorted[0], sorted[sorted.length - 1]);
    }
}
