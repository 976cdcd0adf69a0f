package dev.hangup.outcome;

import java.util.Locale;

/**
 * How a request under Hangup ended. Every request ends as exactly one of these; when two race, the winner of the
 * request's task scope decides.
 */
public enum Outcome {
    /** The work ended and its answer is not a server error (4xx included). */
    COMPLETED,
    /** The answer is a 5xx, or the work threw something that no error handler answered. */
    FAILED,
    /** The client left before the work ended. */
    DISCONNECTED,
    /** The deadline passed before the work ended. */
    DEADLINE_EXCEEDED,
    /** The server stopped and the work did not end in the time it was given. */
    SHUTDOWN,
    /** An operator or the application cancelled the work. */
    CANCELLED,
    /**
     * Hangup refused the request before its work began: its client had abandoned too many, its route has too much unresponsive
     * work, or it asks for a deadline that is none.
     */
    REFUSED;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /**
     * The outcome as logs and metrics spell it, such as {@code deadline-exceeded}.
     *
     * @return lower case, words joined by a hyphen
     */
    public String text() {
        return text;
    }

    /**
     * Whether the work was cancelled before it ended by itself.
     *
     * @return {@code true} for all but {@link #COMPLETED}, {@link #FAILED} and {@link #REFUSED}
     */
    public boolean stopped() {
        return this != COMPLETED && this != FAILED && this != REFUSED;
    }
}
