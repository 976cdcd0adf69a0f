package dev.hangup.internal.cluster;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.hangup.cluster.RelayOutcome;

/** How many calls to owners have ended, by their outcomes. */
final class RelayCounts {
    private final Map<RelayOutcome, LongAdder> counts = new EnumMap<>(RelayOutcome.class);

    RelayCounts() {
        Stream.of(RelayOutcome.values()).forEach(it -> counts.put(it, new LongAdder()));
    }

    void count(RelayOutcome outcome) {
        counts.get(outcome).increment();
    }

    Map<RelayOutcome, Long> snapshot() {
        Map<RelayOutcome, Long> snapshot = new EnumMap<>(RelayOutcome.class);
        counts.forEach((outcome, count) -> snapshot.put(outcome, count.sum()));
        return snapshot;
    }

    Map<String, LongSupplier> suppliers() {
        return counts.entrySet().stream().collect(Collectors.toMap(it -> it.getKey().text(), it -> it.getValue()::sum));
    }
}
