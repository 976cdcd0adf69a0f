package dev.hangup.outcome;

import java.time.Instant;

/**
 * An exception of cancelled work that the cancellation did not cause and that no caller received, since no request waits for
 * the work any more. Such work is the shared computation of a {@link dev.hangup.coalescing.Coalescing} that every client has
 * left, or a cancel action that outlasts its request.
 *
 * @param request the request that the work began for
 * @param outcome why the work was cancelled; for a cancel action, the outcome of its request
 * @param at      when the exception was thrown
 * @param thrown  the exception, with its stack trace
 */
public record WorkFailure(RequestStart request, Outcome outcome, Instant at, Throwable thrown) {
}
