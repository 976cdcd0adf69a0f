package dev.hangup.internal.metrics;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

import dev.hangup.outcome.Outcome;

/** Meters for the outcomes of the requests of a route. Thread-safe. */
final class RouteMeters {
    private final String route;
    /**
     * Indexed by the ordinals of outcomes; {@code null} for outcomes that have not occurred. Its CAS settles which adder is
     * registered.
     */
    private final AtomicReferenceArray<LongAdder> requests = new AtomicReferenceArray<>(Outcome.values().length);
    private final Queue<Runnable> registered = new ConcurrentLinkedQueue<>();
    /** A double, since a long would overflow after 292 years of work, that is, eleven days with 10,000 requests in flight. */
    private final DoubleAdder completedNanos = new DoubleAdder();

    RouteMeters(String route) {
        this.route = route;
    }

    void ended(Outcome outcome, long nanos) {
        LongAdder count = requests.get(outcome.ordinal());
        if (count == null) {
            count = begin(outcome);
        }
        count.increment();
        if (outcome == Outcome.COMPLETED) {
            completedNanos.add(nanos);
        }
    }

    /** How much longer than the given time work that completes takes, on average; zero if it does not take longer. */
    long expectedRemaining(Duration time) {
        LongAdder completed = requests.get(Outcome.COMPLETED.ordinal());
        long count = completed == null ? 0 : completed.sum();
        return count == 0 ? 0 : Math.max(0, (long) (completedNanos.sum() / count) - time.toNanos());
    }

    /** Called when no more requests are counted; the counts remain. */
    void close() {
        registered.forEach(Runnable::run);
    }

    private LongAdder begin(Outcome outcome) {
        LongAdder count = new LongAdder();
        if (requests.compareAndSet(outcome.ordinal(), null, count)) {
            registered.add(Sums.counter("hangup.requests", "Requests that ended", count::sum,
                                        "route", route, "outcome", outcome.text()));
            return count;
        }
        return requests.get(outcome.ordinal());
    }
}
