package dev.hangup.internal.outcome;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestStart;

/** The requests in flight whose work was not over in a moment. */
public final class InFlightRequests {
    private final Map<Long, Entry> requests = new ConcurrentHashMap<>();

    /**
     * Lists them.
     *
     * @return a snapshot, the oldest request first
     */
    public List<InFlightRequest> snapshot() {
        return requests.values().stream()
                .map(Entry::snapshot)
                .sorted(Comparator.comparingLong(it -> it.request().id()))
                .toList();
    }

    /**
     * Cancels the work of one.
     *
     * @param id the request's number
     * @return whether it was in flight and not cancelled before
     */
    public boolean cancel(long id) {
        Entry entry = requests.get(id);
        return entry != null && entry.work.cancel();
    }

    /**
     * Counts them.
     *
     * @return a number that may be out of date
     */
    public long size() {
        return requests.size();
    }

    void add(RequestStart request, long startedAt, Work work) {
        requests.put(request.id(), new Entry(request, startedAt, work));
    }

    void remove(RequestStart request) {
        requests.remove(request.id());
    }

    /** The work of a request. For any thread. */
    public interface Work {
        /** How long it may take, from the end of the request's headers. */
        Duration allowed();

        /** The time until its deadline; zero or more. */
        Duration remaining();

        /** Why it was cancelled, if it was. */
        Optional<Outcome> cancelled();

        /**
         * Cancels it; does not block.
         *
         * @return whether it goes on, and was not cancelled before
         */
        boolean cancel();
    }

    private record Entry(RequestStart request, long startedAt, Work work) {
        private InFlightRequest snapshot() {
            return new InFlightRequest(request, Duration.ofNanos(System.nanoTime() - startedAt), work.remaining(),
                                       work.cancelled());
        }
    }
}
