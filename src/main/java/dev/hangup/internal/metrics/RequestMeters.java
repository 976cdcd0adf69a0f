package dev.hangup.internal.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;

import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;
import io.helidon.metrics.api.Timer;

/**
 * Counts the outcomes of requests and the cost of their work. The responding thread calls this for each request; for a request
 * that completes, this adds to a few striped sums.
 */
final class RequestMeters {
    /** The maximum number of routes with a label of their own. */
    static final int ROUTES = 100;
    /** The label of all other routes. */
    static final String OTHER = "other";
    /** The label of requests without a known route. */
    static final String NONE = "none";

    private static final Duration[] STOPPING = {
            Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(100),
            Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(30)};
    /** Percentiles cannot be aggregated over several servers. */
    private static final double[] NO_PERCENTILES = {};

    private final MeterRegistry registry;
    private final Map<Outcome, Timer> stopping = new EnumMap<>(Outcome.class);
    /** Bounded, because the route of a service registered under a path with a wildcard contains what clients have sent. */
    private final Map<String, RouteMeters> routes = new ConcurrentHashMap<>();
    private final RouteMeters other;
    private final RouteMeters none;
    private final Timer useful;
    private final Timer wasted;
    private final Timer saved;

    RequestMeters(MeterRegistry registry) {
        this.registry = registry;
        other = new RouteMeters(OTHER);
        none = new RouteMeters(NONE);
        useful = timer("hangup.work.useful", "Time taken by work whose response was sent, or was being sent when it was cancelled");
        wasted = timer("hangup.work.wasted", "Time taken, until it ended, by work whose response reached nobody");
        saved = timer("hangup.work.saved", "Time saved by cancelling work, estimated from the mean of its route");
        for (Outcome outcome : Outcome.values()) {
            if (outcome.stopped()) {
                stopping.put(outcome, registry.getOrCreate(Timer.builder("hangup.stopping")
                        .description("Time from the decision to stop work until it had stopped")
                        .percentiles(NO_PERCENTILES)
                        .buckets(STOPPING)
                        .tags(List.of(Tag.create("outcome", outcome.text())))));
            }
        }
    }

    /** Called when there are no more requests; the counts remain. */
    void close() {
        routes.values().forEach(RouteMeters::close);
        other.close();
        none.close();
    }

    /** Counts a request that has completed, and whose work has ended within the watch delay. */
    void completed(String route, boolean matched, long nanos) {
        route(route, matched).ended(Outcome.COMPLETED, nanos);
        useful.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts any other request. */
    void ended(RequestEnd end) {
        RouteMeters route = route(end.route(), end.matched());
        Outcome outcome = end.outcome();
        long elapsed = end.elapsed().toNanos();
        route.ended(outcome, elapsed);
        if (outcome.stopped()) {
            Duration whole = end.elapsed().plus(end.stopping());
            stopping.get(outcome).record(end.stopping());
            if (end.decision().responseBegun()) {
                // what was written up to then has reached the client
                useful.record(elapsed, TimeUnit.NANOSECONDS);
                wasted.record(end.stopping());
            } else {
                wasted.record(whole);
            }
            saved.record(route.expectedRemaining(whole), TimeUnit.NANOSECONDS);
        } else if (outcome == Outcome.COMPLETED) {
            useful.record(elapsed, TimeUnit.NANOSECONDS);
        }
    }

    /** Whether these meters are in the registry. */
    boolean areIn(MeterRegistry other) {
        return registry == other;
    }

    private Timer timer(String name, String description) {
        return registry.getOrCreate(Timer.builder(name).description(description).percentiles(NO_PERCENTILES));
    }

    private RouteMeters route(String route, boolean matched) {
        if (!matched) {
            return none;
        }
        RouteMeters known = routes.get(route);
        return known == null ? firstOf(route) : known;
    }

    private RouteMeters firstOf(String route) {
        if (routes.size() < ROUTES) {
            synchronized (routes) {
                if (routes.size() < ROUTES) {
                    return routes.computeIfAbsent(route, it -> new RouteMeters(it));
                }
            }
        }
        return routes.getOrDefault(route, other);
    }
}
