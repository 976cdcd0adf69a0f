package dev.hangup.internal.outcome;

import dev.hangup.outcome.OutcomeListener;

/**
 * A listener of Hangup's own. The work of most requests ends within the watch delay. Creating the events of such a request would
 * cost more than what these listeners do with them, so they receive a few values instead.
 */
public interface OwnListener extends OutcomeListener {
    /**
     * Called in place of {@link #started}, {@link #decided} and {@link #ended} for a request that has completed, and whose work has
     * ended within the watch delay.
     *
     * @param id      number of the request; zero if nothing has asked for it
     * @param route   the pattern of the route that finally matched, or the raw path; a printable word
     * @param matched whether the route is a pattern
     * @param nanos   the time from the end of the request's headers to the end of its work
     */
    void completed(long id, String route, boolean matched, long nanos);
}
