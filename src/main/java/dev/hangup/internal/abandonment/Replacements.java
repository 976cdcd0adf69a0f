package dev.hangup.internal.abandonment;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Tells requests that were replaced from those that were abandoned, as
 * {@link dev.hangup.abandonment.AbandonmentConfig} defines it, and has the latter counted. Remembers of each visitor what it did within the last second.
 */
final class Replacements {
    private static final long AT_ONCE_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** So many departures of a visitor are remembered. */
    private static final int MAX_DEPARTURES = 8;

    private final AbandonmentWindows windows;
    private final LongSupplier nanos;
    private final Cache<Visitor, Latest> latest;

    /**
     * @param windows where departures are counted
     * @param atMost  how many visitors are remembered
     * @param nanos   tells the time as {@link System#nanoTime()} does
     */
    Replacements(AbandonmentWindows windows, int atMost, LongSupplier nanos) {
        this.windows = windows;
        this.nanos = nanos;
        this.latest = Caffeine.newBuilder()
                // longer than needed, since Caffeine does not note the time of a write that follows another within a second
                .expireAfterWrite(3 * AT_ONCE_NANOS, TimeUnit.NANOSECONDS)
                .maximumSize(atMost)
                .ticker(nanos::getAsLong)
                // as in AbandonmentWindows
                .executor(Runnable::run)
                .build();
    }

    /** A request comes. If it replaces one that was abandoned just before, that one counts no more. */
    void arrived(Visit visit) {
        Moment now = new Moment(visit.target(), nanos.getAsLong());
        latest.asMap().compute(visit.visitor(), (visitor, known) -> {
            Latest before = Latest.since(now.at - AT_ONCE_NANOS, known);
            if (before.isRetry(now.target)) {
                boolean ofTheLast = before.departures.getLast().target == now.target;
                return new Latest(Optional.empty(), before.departures, ofTheLast ? Optional.empty() : before.counted);
            }
            before.counted.ifPresent(it -> windows.takeBack(visitor, it));
            return new Latest(before.counted.isPresent() ? Optional.empty() : Optional.of(now), before.departures,
                              Optional.empty());
        });
    }

    /** A request's client has left it. It counts, unless a request that came just before replaces it. */
    void departed(Visit visit) {
        Moment now = new Moment(visit.target(), nanos.getAsLong());
        latest.asMap().compute(visit.visitor(), (visitor, known) -> {
            Latest before = Latest.since(now.at - AT_ONCE_NANOS, known);
            boolean replaced = before.arrival.isPresent() && before.arrival.get().target != now.target;
            return new Latest(replaced ? Optional.empty() : before.arrival, before.departuresAnd(now),
                              replaced ? Optional.empty() : Optional.of(windows.abandoned(visitor)));
        });
    }

    long size() {
        latest.cleanUp();
        return latest.estimatedSize();
    }

    /** When a request to a target came, or its client left it. */
    private record Moment(int target, long at) {
    }

    /**
     * What one visitor did last. Changed under the lock of its key.
     *
     * @param arrival    the latest request, unless it is a retry or has replaced another
     * @param departures the latest requests that the client has left, replaced ones among them, the last one last
     * @param counted    where the last of them was counted, if it was, and was neither replaced since nor sent again
     */
    private record Latest(Optional<Moment> arrival, List<Moment> departures, Optional<AbandonmentWindows.Window> counted) {
        private static final Latest NOTHING = new Latest(Optional.empty(), List.of(), Optional.empty());

        /** What of it has happened since then. */
        static Latest since(long then, Latest known) {
            if (known == null) {
                return NOTHING;
            }
            List<Moment> departures = known.departures.stream().filter(it -> it.at - then >= 0).toList();
            return new Latest(known.arrival.filter(it -> it.at - then >= 0), departures,
                              departures.isEmpty() ? Optional.empty() : known.counted);
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
