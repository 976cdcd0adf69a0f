package dev.hangup.internal.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.outcome.OwnListener;
import dev.hangup.outcome.RequestEnd;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsFactory;

/**
 * The metrics of one instance of Hangup, in Helidon's global registry. Servers that share the instance share them, from the start
 * of the first to the end of the last.
 */
public final class ServerMetrics implements OwnListener {
    /** The instances whose servers run. */
    private static final Set<ServerMetrics> RUNNING = ConcurrentHashMap.newKeySet();
    /** Whether the meters of the carrier guard are published. */
    private static volatile boolean guarded;

    /** Written when a server is set up, before its first request. */
    private volatile RequestMeters requests;
    /** The number of servers that run. Guarded by this object's monitor, as is {@link #ends}. */
    private int servers;
    private final List<Runnable> ends = new ArrayList<>();

    /**
     * Called when a server is set up, after the registry is configured. The configuration may have replaced the registry, as in
     * {@link Sums}: servers that run get new meters.
     */
    public void prepare() {
        MeterRegistry registry = MetricsFactory.getInstance().globalRegistry();
        Sums.registerWith(registry);
        if (guarded) {
            registerCarriers(registry);
        }
        RUNNING.forEach(it -> it.renewRequests(registry));
        renewRequests(registry);
    }

    /** Called when a server has started, not when it is set up: a server that is refused or never started does not stop either. */
    public synchronized void begin(LongSupplier inFlight, LongSupplier unresponsive, LongSupplier abandonmentRefused) {
        if (servers++ == 0) {
            RUNNING.add(this);
            // another server may have been set up meanwhile
            renewRequests(MetricsFactory.getInstance().globalRegistry());
            ends.add(Sums.gauge("hangup.requests.in.flight",
                                "Requests in flight whose work has outlasted the watch delay", inFlight));
            ends.add(Sums.gauge("hangup.unresponsive", "Pieces of work that go on although they were cancelled", unresponsive));
            ends.add(Sums.counter("hangup.abandonment.refused",
                                  "Requests that were refused because their client had abandoned too many", abandonmentRefused));
        }
    }

    /** Called when a server that had started has stopped. */
    public synchronized void end() {
        if (--servers == 0) {
            RUNNING.remove(this);
            ends.forEach(Runnable::run);
            ends.clear();
            // a server that has already been set up may still start
            replaceRequests();
        }
    }

    private synchronized void renewRequests(MeterRegistry registry) {
        if (requests == null || !requests.areIn(registry)) {
            replaceRequests();
        }
    }

    private void replaceRequests() {
        RequestMeters before = requests;
        requests = new RequestMeters(MetricsFactory.getInstance().globalRegistry());
        if (before != null) {
            before.close();
        }
    }

    /**
     * Registers the meters of the carrier guard. There is one guard per JVM, however many servers there are, so these meters are
     * never removed.
     */
    public void carriers() {
        guarded = true;
        registerCarriers(MetricsFactory.getInstance().globalRegistry());
    }

    private static void registerCarriers(MeterRegistry registry) {
        registry.getOrCreate(Gauge.builder("hangup.carriers", () -> CarrierGuard.carriers().orElse(0))
                                     .description("Maximum number of carriers of virtual threads, including added ones"));
        registry.getOrCreate(Gauge.builder("hangup.carriers.usual", () -> CarrierGuard.usual().orElse(0))
                                     .description("Usual maximum number of carriers of virtual threads"));
        FunctionalCounter.Builder<?> frozen = FunctionalCounter.builder("hangup.carriers.frozen.millis", "",
                                                                        ignored -> CarrierGuard.frozenMillis());
        registry.getOrCreate(frozen.description("Milliseconds in which no virtual thread could run"));
    }

    @Override
    public void completed(long id, String route, boolean matched, long nanos) {
        RequestMeters meters = requests;
        if (meters != null) {
            meters.completed(route, matched, nanos);
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
