package dev.hangup.outcome;

import java.time.Duration;

/**
 * The decision on the outcome of a request under Hangup. From then on, nobody waits for its work.
 *
 * @param request       the request
 * @param outcome       the outcome of the request
 * @param elapsed       the time from the end of the request's headers to the decision
 * @param thread        the thread of the work, as thread dumps name it; empty if the work was not {@linkplain Outcome#stopped()
 *                      cancelled} or had not begun
 * @param responseBegun whether writing the response had begun: the client may have got a part of it. The response of cancelled work
 *                      ends at that point. False if the work was about to write its first byte
 */
public record RequestDecision(RequestStart request, Outcome outcome, Duration elapsed, String thread, boolean responseBegun) {
}
