package dev.hangup.internal.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;

/**
 * Meters that show existing numbers. A registry has one meter of each name, but a JVM may have several servers. So each server
 * adds its part to a sum, for as long as the server exists.
 */
public final class Sums {
    private static final Map<Id, Sums> ALL = new ConcurrentHashMap<>();

    private final List<LongSupplier> parts = new ArrayList<>();
    /** The sum of the counts of removed parts. */
    private long before;

    private Sums() {
    }

    /** Adds a part to a gauge, with alternating keys and values of labels; returns an action that removes the part. */
    public static Runnable gauge(MeterRegistry registry, String name, String description, LongSupplier part, String... labels) {
        return gauge(registry, name, Optional.empty(), description, part, labels);
    }

    /** As above, with a unit, which becomes part of the name. */
    static Runnable gauge(MeterRegistry registry, String name, Optional<String> unit, String description, LongSupplier part,
                          String... labels) {
        Sums sums = of(registry, name, labels);
        sums.add(part);
        Gauge.Builder<Long> builder = Gauge.builder(name, sums::value);
        unit.ifPresent(builder::baseUnit);
        registry.getOrCreate(builder.description(description).tags(tags(labels)));
        return () -> sums.remove(part, () -> 0);
    }

    /** As above, for a counter; when the part is removed, its count remains in the sum. */
    public static Runnable counter(MeterRegistry registry, String name, String description, LongSupplier part, String... labels) {
        Sums sums = of(registry, name, labels);
        sums.add(part);
        Meter.Builder<?, ?> builder = FunctionalCounter.builder(name, sums, Sums::value);
        registry.getOrCreate(((FunctionalCounter.Builder<?>) builder).description(description).tags(tags(labels)));
        return () -> sums.remove(part, part);
    }

    private static Sums of(MeterRegistry registry, String name, String... labels) {
        return ALL.computeIfAbsent(new Id(registry, name, List.of(labels)), id -> new Sums());
    }

    private static List<Tag> tags(String... labels) {
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < labels.length; i += 2) {
            tags.add(Tag.create(labels[i], labels[i + 1]));
        }
        return tags;
    }

    private synchronized void add(LongSupplier part) {
        parts.add(part);
    }

    /** Atomic, so that no scrape sees less than the previous one. */
    private synchronized void remove(LongSupplier part, LongSupplier counted) {
        if (parts.remove(part)) {
            before += counted.getAsLong();
        }
    }

    private synchronized long value() {
        return before + parts.stream().mapToLong(LongSupplier::getAsLong).sum();
    }

    private record Id(MeterRegistry registry, String name, List<String> labels) {
    }
}
