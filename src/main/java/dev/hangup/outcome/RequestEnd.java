package dev.hangup.outcome;

import java.time.Duration;

/**
 * The end of one request under Hangup, as listeners are told of it.
 *
 * @param decision what was decided, and of which request
 * @param route    the pattern of the route that matched in the end; the raw path where no pattern is known. A printable word
 *                 in any case
 * @param matched  whether it is a pattern. That of a service which is registered under a path with a wildcard shows what the
 *                 client has sent in its place
 * @param status   the status that the client got, or that filters and access logs were shown where no client was
 *                 left to get one; 0 if none was chosen
 * @param stopping from the decision to the end of the work; zero unless {@link Outcome#stopped()}
 */
public record RequestEnd(RequestDecision decision, String route, boolean matched, int status, Duration stopping) {
    /**
     * As what it ended.
     *
     * @return the outcome
     */
    public Outcome outcome() {
        return decision.outcome();
    }

    /**
     * The request's number.
     *
     * @return as of its {@link RequestStart}
     */
    public long id() {
        return decision.request().id();
    }

    /**
     * The request's method.
     *
     * @return as of its {@link RequestStart}
     */
    public String method() {
        return decision.request().method();
    }

    /**
     * The client's address.
     *
     * @return as of its {@link RequestStart}
     */
    public String peer() {
        return decision.request().peer();
    }

    /**
     * From the end of the request's headers to the decision.
     *
     * @return as of its {@link RequestDecision}
     */
    public Duration elapsed() {
        return decision.elapsed();
    }

    /**
     * The thread that work was on that was cancelled.
     *
     * @return as of its {@link RequestDecision}
     */
    public String thread() {
        return decision.thread();
    }
}
