package dev.hangup.internal.outcome;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.Outcome;

/** The requests in flight whose work has outlasted the watch delay. */
public final class InFlightRequests {
    private final Set<OutcomeReporter> requests = ConcurrentHashMap.newKeySet();

    /** Returns a snapshot of these requests, the oldest first. */
    public List<InFlightRequest> snapshot() {
        return requests.stream()
                .map(OutcomeReporter::snapshot)
                .sorted(Comparator.comparingLong(it -> it.request().id()))
                .toList();
    }

    /** Cancels the work of the request with this number; returns whether it was in flight and not cancelled before. */
    public boolean cancel(long id) {
        return requests.stream().anyMatch(it -> it.id() == id && it.cancel());
    }

    /** The number of these requests, which may be out of date already. */
    public long size() {
        return requests.size();
    }

    void add(OutcomeReporter request) {
        requests.add(request);
    }

    void remove(OutcomeReporter request) {
        requests.remove(request);
    }

    /** The work of a request. Thread-safe. */
    public interface Work {
        /** The time that the work may take, counted from the end of the request's headers. */
        Duration allowed();

        /** The time until its deadline, zero or more; empty if it has none any more. */
        Optional<Duration> remaining();

        /** The reason of the cancellation, if the work was cancelled. */
        Optional<Outcome> cancelled();

        /** Cancels the work without blocking; returns whether the work was running and not cancelled before. */
        boolean cancel();
    }
}
