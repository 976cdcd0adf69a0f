package dev.hangup.internal.outcome;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.UnresponsiveWork;

/**
 * The work of a server that is unresponsive: it was cancelled, and has not ended within the grace that follows. It is
 * counted by route, well before the grace is over, and a route that has too much of it takes no new requests until some has ended.
 */
public final class UnresponsiveRegistry {
    /** Where it is seen what there is to report; reports of one piece of work keep their order on it. */
    private static final EventDispatcher REPORTER = new EventDispatcher("hangup-unresponsive");

    /**
     * When work that goes on counts. Clients that leave soon could otherwise start any amount of it within the grace; and a crowd
     * that leaves at once is not to close a route, whose work takes a few milliseconds to end.
     */
    private static final Duration COUNTED_AFTER = Duration.ofMillis(100);

    private final Duration after;
    private final int max;
    private final Listeners listeners;
    private final Set<CancelledWork> registered = ConcurrentHashMap.newKeySet();
    /** Has no entries of routes that have none: nearly always it is empty. */
    private final Map<Object, Integer> counts = new ConcurrentHashMap<>();

    /**
     * No work is unresponsive yet.
     *
     * @param after     how long work may take to stop; positive
     * @param max       how many pieces of work of one route may be unresponsive, at least 1
     * @param listeners told of each
     */
    public UnresponsiveRegistry(Duration after, int max, Listeners listeners) {
        this.after = Objects.requireNonNull(after);
        this.max = max;
        this.listeners = Objects.requireNonNull(listeners);
    }

    /**
     * What is unresponsive now. To tell where a piece of work is, its thread is halted for a moment.
     *
     * @return in no order
     */
    public List<UnresponsiveWork> snapshot() {
        return registered.stream().map(CancelledWork::snapshot).flatMap(Optional::stream).toList();
    }

    /**
     * How much is unresponsive now.
     *
     * @return pieces of work
     */
    public int size() {
        return registered.size();
    }

    Duration after() {
        return after;
    }

    Duration countedAfter() {
        return after.compareTo(COUNTED_AFTER) < 0 ? after : COUNTED_AFTER;
    }

    int max() {
        return max;
    }

    int count(Object route) {
        return counts.getOrDefault(route, 0);
    }

    /** Whether a route has so much that it is to begin nothing. Asked by every request. */
    public boolean isFull(Object route) {
        return !counts.isEmpty() && count(route) >= max;
    }

    /** From now on it counts against the bound of its route. */
    void count(CancelledWork work) {
        counts.merge(work.route(), 1, Integer::sum);
    }

    /** It does not any more. */
    void discount(CancelledWork work) {
        counts.computeIfPresent(work.route(), (route, count) -> count == 1 ? null : count - 1);
    }

    /** From now on it is unresponsive. */
    void add(CancelledWork work) {
        registered.add(work);
    }

    /** It is not any more. */
    void remove(CancelledWork work) {
        registered.remove(work);
    }

    /** On a platform thread, one report after the other. */
    void report(Runnable report) {
        REPORTER.dispatch(report);
    }

    void publish(Consumer<OutcomeListener> event) {
        listeners.publish(event);
    }
}
