package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Distinguishes replaced requests from abandoned ones, as defined by {@link dev.hangup.abandonment.AbandonmentConfig}, and counts
 * the abandoned ones. Keeps the actions of each client on a route within the last second.
 * <p>
 * An arrival is said to matter if it replaces a request, or repeats one that was abandoned within the last second.
 */
final class Replacements {
    private static final long AT_ONCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The number of departures remembered per client and route. */
    private static final int MAX_DEPARTURES = 8;

    private final AbandonmentWindows windows;
    private final LongSupplier nanos;
    private final Cache<ClientRoute, Latest> latest;

    /**
     * @param window     the time for which abandoned requests are counted
     * @param maxClients the maximum number of clients on routes that are remembered
     * @param nanos      the clock, such as {@link System#nanoTime()}
     */
    Replacements(Duration window, int maxClients, LongSupplier nanos) {
        this.windows = new AbandonmentWindows(window, maxClients, nanos);
        this.nanos = nanos;
        this.latest = Caffeine.newBuilder()
                // longer than needed, since Caffeine does not record the time of a write that follows another within a second
                .expireAfterWrite(3 * AT_ONCE_NANOS, TimeUnit.NANOSECONDS)
                .maximumSize(maxClients)
                .ticker(nanos::getAsLong)
                // as in AbandonmentWindows
                .executor(Runnable::run)
                .build();
    }

    /** The abandoned requests. */
    AbandonmentWindows windows() {
        return windows;
    }

    /** Called when a request arrives. If it replaces a request abandoned just before, that one no longer counts. */
    void arrived(LimitedRequest request) {
        arrived(request.clientRoute(), new Moment(request.target(), nanos.getAsLong()));
    }

    /** As above; returns the arrival if it matters. */
    Optional<Moment> arrived(ClientRoute of, Moment arrival) {
        return latest.asMap().compute(of, (clientRoute, known) -> {
            Latest before = Latest.since(arrival.at - AT_ONCE_NANOS, known);
            if (before.isRetry(arrival.target)) {
                boolean ofTheLast = before.departures.getLast().target == arrival.target;
                return new Latest(Optional.empty(), before.departures, ofTheLast ? Optional.empty() : before.counted,
                                  Optional.of(arrival));
            }
            before.counted.ifPresent(it -> windows.takeBack(clientRoute, it));
            Optional<Moment> replacing = before.counted.map(it -> arrival);
            return new Latest(replacing.isPresent() ? Optional.empty() : Optional.of(arrival), before.departures,
                              Optional.empty(), replacing);
        }).mattered;
    }

    /**
     * Called when the client of a request has left. The request counts as abandoned unless one that arrived just before replaces
     * it.
     */
    void departed(LimitedRequest request) {
        departed(request.clientRoute(), new Moment(request.target(), nanos.getAsLong()));
    }

    /** As above; returns the arrival of the request that replaces this one, if there is one. */
    Optional<Moment> departed(ClientRoute of, Moment departure) {
        return latest.asMap().compute(of, (clientRoute, known) -> {
            Latest before = Latest.since(departure.at - AT_ONCE_NANOS, known);
            Optional<Moment> replacing = before.arrival.filter(it -> it.target != departure.target);
            return new Latest(replacing.isPresent() ? Optional.empty() : before.arrival, before.departuresAnd(departure),
                              replacing.isPresent() ? Optional.empty() : Optional.of(windows.abandoned(clientRoute)), replacing);
        }).mattered;
    }

    long size() {
        latest.cleanUp();
        return latest.estimatedSize();
    }

    /** The time when a request to a target arrived, or when its client left; on this member of a cluster, or on another. */
    record Moment(int target, long at, boolean here) {
        Moment(int target, long at) {
            this(target, at, true);
        }
    }

    /**
     * The latest actions of one client on a route. Changed under the lock of its key.
     *
     * @param arrival    arrival of the latest request, unless it is a retry or has replaced another
     * @param departures the latest departures, including those of replaced requests, in order
     * @param counted    the window in which the last departure was counted; empty if it was not counted, or if the request was
     *                   replaced or retried since
     * @param mattered   the arrival that matters because of the latest action
     */
    private record Latest(Optional<Moment> arrival, List<Moment> departures, Optional<AbandonmentWindows.Window> counted,
                          Optional<Moment> mattered) {
        private static final Latest NOTHING = new Latest(Optional.empty(), List.of(), Optional.empty(), Optional.empty());

        /** Returns the actions since the given time. */
        static Latest since(long then, Latest known) {
            if (known == null) {
                return NOTHING;
            }
            List<Moment> departures = known.departures.stream().filter(it -> it.at - then >= 0).toList();
            return new Latest(known.arrival.filter(it -> it.at - then >= 0), departures,
                              departures.isEmpty() ? Optional.empty() : known.counted, Optional.empty());
        }

        boolean isRetry(int target) {
            return departures.stream().anyMatch(it -> it.target == target);
        }

        List<Moment> departuresAnd(Moment departure) {
            return Stream.concat(departures.stream().skip(Math.max(0, departures.size() - MAX_DEPARTURES + 1)),
                                 Stream.of(departure)).toList();
        }
    }
}
