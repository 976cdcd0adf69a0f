package dev.hangup.internal.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsFactory;
import io.helidon.metrics.api.Tag;

/**
 * Meters that show existing numbers, in Helidon's global registry. A registry has one meter of each name, but a JVM may have
 * several servers. So each server adds its part to a sum, for as long as the server runs.
 * <p>
 * Helidon 4.5.0 replaces the registry, and removes its meters, when a server configures metrics otherwise than before ({@code
 * MicrometerMetricsFactory.globalRegistry}). So a sum belongs to no registry, and its meter is registered again.
 */
public final class Sums {
    private static final Map<Id, Sums> ALL = new ConcurrentHashMap<>();

    private final BiConsumer<MeterRegistry, Sums> meter;
    private final List<LongSupplier> parts = new ArrayList<>();
    /** The sum of the counts of removed parts. */
    private long before;

    /** @param meter registers the meter */
    private Sums(BiConsumer<MeterRegistry, Sums> meter) {
        this.meter = meter;
    }

    /** Adds a part to a gauge, with alternating keys and values of labels; returns an action that removes the part. */
    public static Runnable gauge(String name, String description, LongSupplier part, String... labels) {
        return gauge(name, Optional.empty(), description, part, labels);
    }

    /** As above, with a unit, which becomes part of the name. */
    static Runnable gauge(String name, Optional<String> unit, String description, LongSupplier part, String... labels) {
        return add(name, labels, part, () -> 0, (registry, sums) -> {
            Gauge.Builder<Long> builder = Gauge.builder(name, sums::value);
            unit.ifPresent(builder::baseUnit);
            registry.getOrCreate(builder.description(description).tags(tags(labels)));
        });
    }

    /** As above, for a counter; when the part is removed, its count remains in the sum. */
    public static Runnable counter(String name, String description, LongSupplier part, String... labels) {
        return add(name, labels, part, part, (registry, sums) -> {
            Meter.Builder<?, ?> builder = FunctionalCounter.builder(name, sums, Sums::value);
            registry.getOrCreate(((FunctionalCounter.Builder<?>) builder).description(description).tags(tags(labels)));
        });
    }

    /** Registers all meters with a registry, which may have replaced another; no effect on meters that are registered already. */
    static void registerWith(MeterRegistry registry) {
        ALL.values().forEach(it -> it.meter.accept(registry, it));
    }

    private static Runnable add(String name, String[] labels, LongSupplier part, LongSupplier remains,
                                BiConsumer<MeterRegistry, Sums> meter) {
        Sums sums = ALL.computeIfAbsent(new Id(name, List.of(labels)), id -> new Sums(meter));
        sums.add(part);
        meter.accept(MetricsFactory.getInstance().globalRegistry(), sums);
        return () -> sums.remove(part, remains);
    }

    /** The number of parts of all sums. */
    static int parts() {
        return ALL.values().stream().mapToInt(Sums::size).sum();
    }

    private synchronized int size() {
        return parts.size();
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

    private record Id(String name, List<String> labels) {
    }
}
