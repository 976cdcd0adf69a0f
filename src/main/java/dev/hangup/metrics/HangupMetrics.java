package dev.hangup.metrics;

import java.util.Objects;
import java.util.function.LongSupplier;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBound;
import dev.hangup.internal.metrics.Sums;
import dev.hangup.isolated.Isolated;

import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsFactory;

/**
 * Hangup in Helidon's metrics, with names that a scrape in Prometheus' format shows as {@code hangup_...}.
 * <p>
 * What a server under Hangup does is there by itself. What an application makes
 * of its own is there when it was bound, under a name for the label {@code name}:
 * <pre>{@code
 * CpuBound cpu = HangupMetrics.bind("reports", CpuBound.create(config.get("cpu")));
 * }</pre>
 * All of them are in Helidon's global registry, and stay there for as long as the JVM runs. Of several things that are bound
 * under one name the sum is shown.
 */
public final class HangupMetrics {
    private HangupMetrics() {
    }

    /**
     * Shows how many computations go on, and how many wait: {@code hangup_running} and {@code hangup_waiting}.
     *
     * @param name what it is for; the same few names whatever clients do
     * @param cpu  where computations run
     * @return the same
     */
    public static CpuBound bind(String name, CpuBound cpu) {
        admission(name, cpu::running, cpu::waiting);
        return cpu;
    }

    /**
     * Shows how many calls go on, how many wait, and how many workers are there: {@code hangup_running},
     * {@code hangup_waiting}, and {@code hangup_workers} with the {@code state} {@code starting}, {@code idle} or
     * {@code busy}.
     *
     * @param name     what it is for; the same few names whatever clients do
     * @param isolated where tasks run
     * @return the same
     */
    public static Isolated bind(String name, Isolated isolated) {
        admission(name, isolated::running, isolated::waiting);
        worker(name, "starting", () -> isolated.workers().starting());
        worker(name, "idle", () -> isolated.workers().idle());
        worker(name, "busy", () -> isolated.workers().busy());
        return isolated;
    }

    /**
     * Shows where answers came from: {@code hangup_coalescing_total} with the {@code answer} {@code computed}, {@code coalesced}
     * or {@code cached}; and how many requests wait for how many computations: {@code hangup_waiting} and
     * {@code hangup_running}.
     *
     * @param name       what it is for; the same few names whatever clients do
     * @param coalescing a handler
     * @param <K>        what requests have in common
     * @param <V>        what is computed
     * @return the same
     */
    public static <K, V> Coalescing<K, V> bind(String name, Coalescing<K, V> coalescing) {
        admission(name, coalescing::inCall, coalescing::waiting);
        answer(name, "computed", coalescing::computed);
        answer(name, "coalesced", coalescing::coalesced);
        answer(name, "cached", coalescing::cacheHits);
        return coalescing;
    }

    private static void admission(String name, LongSupplier running, LongSupplier waiting) {
        Objects.requireNonNull(name);
        Sums.gauge(registry(), "hangup.running", "Pieces of work that go on", running, "name", name);
        Sums.gauge(registry(), "hangup.waiting", "Requests that wait for their turn", waiting,
                   "name", name);
    }

    private static void worker(String name, String state, LongSupplier workers) {
        Sums.gauge(registry(), "hangup.workers", "Worker JVMs", workers, "name", name, "state", state);
    }

    private static void answer(String name, String answer, LongSupplier answers) {
        Sums.counter(registry(), "hangup.coalescing", "Requests by where their answer came from", answers,
                     "name", name, "answer", answer);
    }

    private static MeterRegistry registry() {
        return MetricsFactory.getInstance().globalRegistry();
    }
}
