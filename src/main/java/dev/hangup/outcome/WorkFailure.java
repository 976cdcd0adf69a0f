package dev.hangup.outcome;

import java.time.Instant;

/**
 * An exception that cancelled work threw of its own, and that nobody received: no request waits for the work any more. Such work
 * is the shared computation of a {@link dev.hangup.coalescing.Coalescing} that every client has left, or a cancel action that
 * takes longer than its request.
 *
 * @param request the request that the work began for
 * @param outcome why the work was cancelled; for a cancel action, the outcome of its request
 * @param at      when the exception was thrown
 * @param thrown  the exception, with its stack trace
 */
public record WorkFailure(RequestStart request, Outcome outcome, Instant at, Throwable thrown) {
}
