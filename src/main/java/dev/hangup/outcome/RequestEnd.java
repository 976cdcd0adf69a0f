package dev.hangup.outcome;

import java.time.Duration;

/**
 * The end of one request under Hangup, as listeners are told of it.
 *
 * @param outcome  how it ended
 * @param method   the request's method
 * @param route    the pattern of the route that matched; the raw path where no pattern is known
 * @param peer     the client's address as {@code host:port}
 * @param status   the status that the client got, or that filters and access logs were shown where no client was
 *                 left to get one; 0 if none was chosen
 * @param elapsed  from the end of the request's headers to the decision
 * @param stopping from the decision to the end of the work; zero unless {@link Outcome#stopped()}
 */
public record RequestEnd(Outcome outcome, String method, String route, String peer, int status,
                         Duration elapsed, Duration stopping) {
}
