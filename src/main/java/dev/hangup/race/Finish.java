package dev.hangup.race;

import dev.hangup.outcome.Outcome;

/** How a task of a race ended. The first one wins. */
sealed interface Finish {
    /** The work returned. */
    record Returned() implements Finish {
        static final Returned RETURNED = new Returned();
    }

    /** The work threw. */
    record Threw(Throwable thrown) implements Finish {
    }

    /**
     * The watcher was told to stop the work.
     *
     * @param outcome one that {@link Outcome#stopped()}
     */
    record Stop(Outcome outcome) implements Finish {
    }
}
