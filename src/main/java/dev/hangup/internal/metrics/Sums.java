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
 * Meters that show a number which is there already. A registry has one of a name, and a JVM may have several servers: each
 * adds its part to the sum, for as long as it is there.
 */
public final class Sums {
    private static final Map<Id, Sums> ALL = new ConcurrentHashMap<>();

    private final List<LongSupplier> parts = new ArrayList<>();
    /** What was counted by those that are no more. */
    private long before;

    private Sums() {
    }

    /**
     * A part of a gauge.
     *
     * @param registry    where it is shown
     * @param name        the gauge's
     * @param description the gauge's
     * @param part        its value now
     * @param labels      keys and values
     * @return to be run when the part is no more
     */
    public static Runnable gauge(MeterRegistry registry, String name, String description, LongSupplier part, String... labels) {
        return gauge(registry, name, Optional.empty(), description, part, labels);
    }

    /** As above, of something that has a unit, which becomes part of the name. */
    static Runnable gauge(MeterRegistry registry, String name, Optional<String> unit, String description, LongSupplier part,
                          String... labels) {
        Sums sums = of(registry, name, labels);
        sums.add(part);
        Gauge.Builder<Long> builder = Gauge.builder(name, sums::value);
        unit.ifPresent(builder::baseUnit);
        registry.getOrCreate(builder.description(description).tags(tags(labels)));
        return () -> sums.remove(part, () -> 0);
    }

    /**
     * A part of a counter.
     *
     * @param registry    where it is shown
     * @param name        the counter's
     * @param description the counter's
     * @param part        what it has counted until now
     * @param labels      keys and values
     * @return to be run when the part counts no more; what it has counted stays
     */
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

    /** At once, so that no scrape sees less than the one before. */
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
