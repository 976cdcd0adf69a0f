package dev.hangup.outcome;

import java.time.Duration;
import java.util.Optional;

/**
 * A request under Hangup that has not ended; a snapshot. Work that ends within a few milliseconds is never listed.
 *
 * @param request   the request
 * @param elapsed   the time since the end of its headers
 * @param remaining the time until its deadline; zero if that has passed, empty if none applies, since the response has begun
 * @param cancelled why its work was cancelled; empty if it was not. Cancelled work goes on until it reacts
 */
public record InFlightRequest(RequestStart request, Duration elapsed, Optional<Duration> remaining,
                              Optional<Outcome> cancelled) {
}
