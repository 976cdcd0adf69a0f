package dev.hangup.internal.race;

import dev.hangup.outcome.Outcome;

/** How a task of a race ended. The first result decides the race. */
sealed interface RaceResult {
    /** The work returned. */
    enum Returned implements RaceResult { RETURNED }

    /** The work threw. */
    record Threw(Throwable thrown) implements RaceResult {
    }

    /**
     * The work was cancelled.
     *
     * @param outcome one for which {@link Outcome#stopped()} holds
     */
    record Cancelled(Outcome outcome) implements RaceResult {
    }
}
