package dev.hangup.internal.outcome;

import dev.hangup.outcome.OutcomeListener;

/**
 * A listener of Hangup's own. Most requests complete within the watch delay, and the events of such a request would cost more than
 * what these listeners do with them. So it gets a few values instead.
 */
public interface OwnListener extends OutcomeListener {
    /**
     * Called in place of {@link #started}, {@link #decided} and {@link #ended} for a request that has completed within the watch
     * delay.
     *
     * @param id      number of the request
     * @param route   the pattern of the route that finally matched, or the raw path; a printable word
     * @param matched whether the route is a pattern
     * @param nanos   the time from the end of the request's headers to the end of its work
     */
    default void completed(long id, String route, boolean matched, long nanos) {
    }
}
