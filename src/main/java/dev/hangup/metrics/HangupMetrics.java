package dev.hangup.metrics;

import java.util.Objects;
import java.util.function.LongSupplier;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.cpu.CpuBound;
import dev.hangup.internal.metrics.Sums;
import dev.hangup.isolated.Isolated;

/**
 * Publishes Hangup's metrics through Helidon's metrics. In Prometheus' format their names begin with {@code hangup_}.
 * <p>
 * The metrics of a server are always present. The metrics of components that an application creates appear only once they are
 * bound, under a name for the label {@code name}:
 * <pre>{@code
 * CpuBound cpu = HangupMetrics.bind("reports", CpuBound.create(config.get("cpu")));
 * }</pre>
 * All metrics are in Helidon's global registry, and stay there for as long as the JVM runs. Components bound under the same
 * name are added up. They may be bound before or after the server is built. If a server configures Helidon's metrics, Helidon
 * removes the metrics that were registered before; a server under Hangup registers these again, unless {@code metrics} is {@code
 * false} for it.
 */
public final class HangupMetrics {
    private HangupMetrics() {
    }

    /**
     * Publishes the number of computations that run and that wait: {@code hangup_running} and {@code hangup_waiting}.
     *
     * @param name the purpose of the instance; one of a few fixed names, independent of what clients send
     * @param cpu  where computations run
     * @return the argument {@code cpu}
     */
    public static CpuBound bind(String name, CpuBound cpu) {
        admission(name, cpu::running, cpu::waiting);
        return cpu;
    }

    /**
     * Publishes the number of calls that run, of calls that wait, and of workers: {@code hangup_running}, {@code
     * hangup_waiting}, and {@code hangup_workers} with the {@code state} {@code starting}, {@code idle} or {@code busy}.
     *
     * @param name     the purpose of the instance; one of a few fixed names, independent of what clients send
     * @param isolated where tasks run
     * @return the argument {@code isolated}
     */
    public static Isolated bind(String name, Isolated isolated) {
        admission(name, isolated::running, isolated::waiting);
        worker(name, "starting", () -> isolated.workers().starting());
        worker(name, "idle", () -> isolated.workers().idle());
        worker(name, "busy", () -> isolated.workers().busy());
        return isolated;
    }

    /**
     * Publishes where responses came from: {@code hangup_coalescing_total} with the {@code source} {@code computed}, {@code
     * coalesced}, {@code cached} or, in a cluster, {@code relayed}. It also publishes the number of requests that wait
     * and of computations that run: {@code hangup_waiting} and {@code hangup_running}.
     *
     * @param name       the purpose of the instance; one of a few fixed names, independent of what clients send
     * @param coalescing a handler
     * @param <K>        the type of the keys
     * @param <V>        the type of the results
     * @return the argument {@code coalescing}
     */
    public static <K, V> Coalescing<K, V> bind(String name, Coalescing<K, V> coalescing) {
        admission(name, coalescing::running, coalescing::waiting);
        responses(name, "computed", coalescing::computed);
        responses(name, "coalesced", coalescing::coalesced);
        responses(name, "cached", coalescing::cacheHits);
        responses(name, "relayed", coalescing::relayed);
        return coalescing;
    }

    private static void admission(String name, LongSupplier running, LongSupplier waiting) {
        Objects.requireNonNull(name);
        Sums.gauge("hangup.running", "Pieces of work that run", running, "name", name);
        Sums.gauge("hangup.waiting", "Requests that wait for their turn", waiting, "name", name);
    }

    private static void worker(String name, String state, LongSupplier workers) {
        Sums.gauge("hangup.workers", "Worker JVMs", workers, "name", name, "state", state);
    }

    private static void responses(String name, String source, LongSupplier responses) {
        Sums.counter("hangup.coalescing", "Requests by the source of their response", responses,
                     "name", name, "source", source);
    }
}
