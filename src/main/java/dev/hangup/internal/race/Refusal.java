package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;

import io.helidon.http.Status;

/**
 * The refusal of a request: the request has no race, and its client receives a response at once.
 *
 * @param status     status of the response
 * @param retryAfter when the client may retry, if that makes a difference
 * @param detail     explanation in the response; contains nothing that a client has sent
 */
public record Refusal(Status status, Optional<Duration> retryAfter, String detail) implements RaceRunner.Entry { }
