package dev.hangup.storm;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What became of one series.
 *
 * @param capacity answers a second that the server can compute
 * @param used     seconds of processors that it computed for
 */
record Result(Series series, Clients.Outcome outcome, Clients.Plan plan, double capacity, double used) {
    private static final double NORMAL = 0.9;

    /** Seconds of processors that were spent on what reached nobody in time. */
    double wasted() {
        // what was shared or remembered was computed once and useful many times
        double useful = Clients.total(outcome.useful()) * StormServer.WORK.toNanos() / 1e9;
        return Math.max(0, used - useful);
    }

    /** Useful answers a second, from a second to another. */
    double useful(int from, int until) {
        return rate(outcome.useful(), from, until);
    }

    /** How many seconds after the burst the useful answers are what they would be without it; -1 if they never are. */
    int recovered() {
        double normal = NORMAL * Math.min(1, plan.usual()) * capacity;
        // two seconds at a time: clients come at random
        for (int second = plan.burstUntil(); second + 2 <= seconds(); second++) {
            if (useful(second, second + 2) >= normal) {
                return second - plan.burstUntil();
            }
        }
        return -1;
    }

    int seconds() {
        return outcome.useful().length();
    }

    String row() {
        // clients that came in the last moments are still there
        int end = seconds() - 1;
        return String.format(Locale.ROOT, "%-38s useful/s: %5.1f before, %5.1f (%.2f of capacity) in the burst, %5.1f after;"
                                     + " %s; computed for %5.2f s, %5.2f s of it for nobody; %d clients, %d requests,"
                                     + " latest %.1f ms late",
                             series.title(), useful(1, plan.burstFrom()), useful(plan.burstFrom() + 1, plan.burstUntil()),
                             useful(plan.burstFrom() + 1, plan.burstUntil()) / capacity, useful(plan.burstUntil() + 5, end),
                             recovered() < 0 ? "never as before" : "as before after " + recovered() + " s", used, wasted(),
                             Clients.total(outcome.came()), Clients.total(outcome.attempts()),
                             outcome.worstLagNanos() / 1e6);
    }

    private static double rate(AtomicLongArray counts, int from, int until) {
        long sum = 0;
        for (int i = from; i < until; i++) {
            sum += counts.get(i);
        }
        return sum / (double) (until - from);
    }
}
