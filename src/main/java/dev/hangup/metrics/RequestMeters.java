package dev.hangup.metrics;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

import io.helidon.metrics.api.Counter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;
import io.helidon.metrics.api.Timer;

/** Counts how requests end, and what their work has cost. All that it keeps is owned by the thread that tells listeners. */
final class RequestMeters implements OutcomeListener {
    private static final Duration[] STOPPING = {
            Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(50), Duration.ofMillis(100),
            Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(30)};

    /** They cannot be put together over several servers. */
    private static final double[] NO_PERCENTILES = {};

    private final MeterRegistry registry;
    private final Routes routes = new Routes();
    private final Map<Key, Counter> requests = new HashMap<>();
    private final Map<Outcome, Timer> stopping = new HashMap<>();
    /** How long the work of a route takes that completes. */
    private final Map<String, Mean> completed = new HashMap<>();
    private final Timer useful;
    private final Timer wasted;
    private final Timer saved;

    RequestMeters(MeterRegistry registry) {
        this.registry = registry;
        useful = timer("hangup.work.useful", "Time that work took whose answer was given");
        wasted = timer("hangup.work.wasted", "Time that work took, until it had stopped, whose answer reached nobody");
        saved = timer("hangup.work.saved", "Time that stopped work did not take, as estimated by the mean of its route");
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

    @Override
    public void ended(RequestEnd end) {
        String route = routes.label(end);
        requests.computeIfAbsent(new Key(route, end.outcome()), this::counter).increment();
        if (end.outcome().stopped()) {
            stopping.get(end.outcome()).record(end.stopping());
            wasted.record(end.elapsed().plus(end.stopping()));
            Mean usual = completed.get(route);
            if (usual != null) {
                saved.record(usual.beyond(end.elapsed().plus(end.stopping())));
            }
        } else if (end.outcome() == Outcome.COMPLETED) {
            useful.record(end.elapsed());
            completed.computeIfAbsent(route, it -> new Mean()).add(end.elapsed());
        }
    }

    private Counter counter(Key key) {
        return registry.getOrCreate(Counter.builder("hangup.requests")
                .description("Requests that ended")
                .tags(List.of(Tag.create("route", key.route), Tag.create("outcome", key.outcome.text()))));
    }

    private Timer timer(String name, String description) {
        return registry.getOrCreate(Timer.builder(name).description(description).percentiles(NO_PERCENTILES));
    }

    private record Key(String route, Outcome outcome) {
    }

    /** A mean that the latest few dozen count for most of. */
    private static final class Mean {
        private static final double LATEST = 1 / 32.0;

        private double nanos = -1;

        void add(Duration time) {
            nanos = nanos < 0 ? time.toNanos() : nanos + (time.toNanos() - nanos) * LATEST;
        }

        /** How much longer it is than that; zero if it is not. */
        Duration beyond(Duration time) {
            return Duration.ofNanos(Math.max(0, (long) nanos - time.toNanos()));
        }
    }
}
