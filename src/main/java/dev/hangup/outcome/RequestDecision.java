package dev.hangup.outcome;

import java.time.Duration;

/**
 * What was decided of a request under Hangup, as listeners are told of it: from now on nobody waits for its work.
 *
 * @param request       the request
 * @param outcome       as what it ends
 * @param elapsed       from the end of the request's headers to the decision
 * @param thread        the thread that the work was on, as thread dumps name it; empty unless it was
 *                      {@linkplain Outcome#stopped() cancelled}, or if it had not begun
 * @param responseBegun whether the response had begun to be written. That of cancelled work breaks off there
 */
public record RequestDecision(RequestStart request, Outcome outcome, Duration elapsed, String thread, boolean responseBegun) {
}
