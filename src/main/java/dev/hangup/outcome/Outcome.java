package dev.hangup.outcome;

import java.util.Locale;

/**
 * The outcome of a request under Hangup. Every request has exactly one outcome. If several events race, the first task to end
 * in the request's task scope decides.
 */
public enum Outcome {
    /** The work ended with a response that is not a server error; a 4xx other than 429 counts as completed. */
    COMPLETED,
    /** The response is a 5xx that does not refuse the request, or the work threw an exception that no error handler handled. */
    FAILED,
    /** The client left before the work ended. */
    DISCONNECTED,
    /** The client took nothing of a response that had begun, or too little, within {@code stall-limit}. */
    STALLED,
    /** The deadline passed before the work ended. */
    DEADLINE_EXCEEDED,
    /** The server stopped, and the work did not end within the drain time. */
    SHUTDOWN,
    /** An operator or the application cancelled the work. */
    CANCELLED,
    /**
     * The request was refused. Either Hangup refused it before its work began: its client had abandoned too many requests, its
     * route has too much unresponsive work, or its deadline header is malformed. Or its response says so, whichever code sent it:
     * 429; 503 with {@code Retry-After}, such as that of a full queue; or 503 from a filter, such as that of a concurrency limit.
     */
    REFUSED;

    private final String text = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /**
     * {@return the outcome as it is spelt in logs and metrics, in lower case and with hyphens, such as {@code deadline-exceeded}}
     */
    public String text() {
        return text;
    }

    /**
     * Returns whether the work was cancelled before it ended by itself.
     *
     * @return {@code true} for all but {@link #COMPLETED}, {@link #FAILED} and {@link #REFUSED}
     */
    public boolean stopped() {
        return this != COMPLETED && this != FAILED && this != REFUSED;
    }
}
