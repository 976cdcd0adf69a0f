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

    /** For values that are compared pair by pair: where the middle is, and the middle half. */
    String spread(String format) {
        return String.format(Locale.ROOT, "median " + format + "  (half between " + format + " and " + format
                                     + ", all between " + format + " and " + format + ")",
                             median(), quantile(0.25), quantile(0.75), quantile(0), quantile(1));
    }

    /** For times that somebody waits for. */
    String tail() {
        return String.format(Locale.ROOT, "p50 %.3f ms  p99 %.3f ms  max %.3f ms  (%d samples)",
                             median(), quantile(0.99), quantile(1), sorted.length);
    }
}
