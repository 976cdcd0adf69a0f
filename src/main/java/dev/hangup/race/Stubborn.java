package dev.hangup.race;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.StubbornWork;

/**
 * The work of a server that is stubborn: it was told to stop, and has not ended within the grace that follows. It is
 * counted by route, and a route that has too much of it takes no new requests until some has ended.
 */
public final class Stubborn {
    /** Where it is seen what there is to report; reports of one piece of work keep their order on it. */
    private static final EventDispatcher REPORTER = new EventDispatcher("hangup-stubborn");

    private final Duration grace;
    private final int bound;
    private final Listeners listeners;
    private final Set<CancelledWork> disobeyed = ConcurrentHashMap.newKeySet();
    /** Has no entries of routes that have none: nearly always it is empty. */
    private final Map<RoutePolicy, Integer> counts = new ConcurrentHashMap<>();

    /**
     * No work is stubborn yet.
     *
     * @param grace     how long work may take to stop; positive
     * @param bound     how many pieces of work of one route may be stubborn, at least 1
     * @param listeners told of each
     */
    public Stubborn(Duration grace, int bound, Listeners listeners) {
        this.grace = Objects.requireNonNull(grace);
        this.bound = bound;
        this.listeners = Objects.requireNonNull(listeners);
    }

    /**
     * What is stubborn now. To tell where a piece of work is, its thread is halted for a moment.
     *
     * @return in no order
     */
    public List<StubbornWork> now() {
        return disobeyed.stream().map(CancelledWork::snapshot).flatMap(Optional::stream).toList();
    }

    /**
     * How much is stubborn now.
     *
     * @return pieces of work
     */
    public int size() {
        return disobeyed.size();
    }

    Duration grace() {
        return grace;
    }

    int bound() {
        return bound;
    }

    int count(RoutePolicy route) {
        return counts.getOrDefault(route, 0);
    }

    /** Whether a route has so much that it is to begin nothing. Asked by every request. */
    boolean full(RoutePolicy route) {
        return !counts.isEmpty() && count(route) >= bound;
    }

    /** From now on it counts. */
    void enter(CancelledWork order) {
        counts.merge(order.route(), 1, Integer::sum);
        disobeyed.add(order);
    }

    /** It does not any more. */
    void leave(CancelledWork order) {
        disobeyed.remove(order);
        counts.computeIfPresent(order.route(), (route, count) -> count == 1 ? null : count - 1);
    }

    /** On a platform thread, one report after the other. */
    void report(Runnable report) {
        REPORTER.dispatch(report);
    }

    void tell(Consumer<OutcomeListener> event) {
        listeners.publish(event);
    }
}
