package dev.hangup.internal.metrics;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.connection.GoAwayCause;
import dev.hangup.internal.connection.Http2Events;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsFactory;

/** The metrics of a server with Hangup, in Helidon's global registry. */
public final class ServerMetrics implements OutcomeListener {
    /** Written when the server is set up, before its first request. */
    private volatile RequestMeters requests;
    private final List<Runnable> ends = new CopyOnWriteArrayList<>();

    /** Registers the meters. Called when the server is set up, after the registry is configured. */
    public void begin(LongSupplier inFlight, LongSupplier unresponsive, LongSupplier abandonmentRefused, LongSupplier readAhead,
                      Http2Events http2) {
        MeterRegistry registry = MetricsFactory.getInstance().globalRegistry();
        requests = new RequestMeters(registry);
        ends.addAll(List.of(
                Sums.gauge(registry, "hangup.requests.in.flight",
                           "Requests whose work is not over in a moment, and not over yet", inFlight),
                Sums.gauge(registry, "hangup.unresponsive",
                           "Pieces of work that go on although they were cancelled", unresponsive),
                Sums.counter(registry, "hangup.abandonment.refused",
                             "Requests that were refused because their client had abandoned too many", abandonmentRefused),
                Sums.gauge(registry, "hangup.read.ahead", Optional.of(Meter.BaseUnits.BYTES),
                           "Bytes that were read ahead of handlers", readAhead),
                Sums.counter(registry, "hangup.http2.streams.refused",
                             "Streams that were one more than their connection may have", http2::refusedStreams)));
        for (GoAwayCause cause : GoAwayCause.values()) {
            ends.add(Sums.counter(registry, "hangup.http2.goaways", "HTTP/2 connections that were ended for a fault",
                                 http2.goAways(cause), "cause", cause.toString()));
        }
    }

    /** Registers the meters of a member of a cluster. Called when the server is set up. */
    public void cluster(LongSupplier members, LongSupplier owned, LongSupplier relayed, Map<String, LongSupplier> calls) {
        MeterRegistry registry = MetricsFactory.getInstance().globalRegistry();
        ends.add(Sums.gauge(registry, "hangup.cluster.members",
                            "Members of the cluster that this one sees, itself included", members));
        ends.add(Sums.gauge(registry, "hangup.cluster.keys.owned", "Keys that are being computed here", owned));
        ends.add(Sums.gauge(registry, "hangup.cluster.keys.relayed",
                            "Keys whose owners requests of this member wait for", relayed));
        calls.forEach((outcome, count) -> ends.add(Sums.counter(registry, "hangup.cluster.calls",
                                                                "Calls to the owners of keys that ended", count,
                                                                "outcome", outcome)));
    }

    /**
     * Registers the meters of the carrier guard. There is one guard per JVM, however many servers there are, so these meters are
     * never removed.
     */
    public void carriers() {
        MeterRegistry registry = MetricsFactory.getInstance().globalRegistry();
        registry.getOrCreate(Gauge.builder("hangup.carriers", () -> CarrierGuard.carriers().orElse(0))
                                     .description("Carriers of virtual threads that there may be, with those that were added"));
        registry.getOrCreate(Gauge.builder("hangup.carriers.usual", () -> CarrierGuard.usual().orElse(0))
                                     .description("Carriers of virtual threads that there may be usually"));
        FunctionalCounter.Builder<?> frozen = FunctionalCounter.builder("hangup.carriers.frozen.millis", "",
                                                                        ignored -> CarrierGuard.frozenMillis());
        registry.getOrCreate(frozen.description("Milliseconds in which no virtual thread came to run"));
    }

    /** Called when the server has stopped. */
    public void end() {
        ends.forEach(Runnable::run);
        RequestMeters meters = requests;
        if (meters != null) {
            meters.close();
        }
    }

    @Override
    public void ended(RequestEnd end) {
        RequestMeters meters = requests;
        if (meters != null) {
            meters.ended(end);
        }
    }
}
