package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

import io.helidon.http.Status;

/**
 * A request has no race, and its client gets an answer at once.
 *
 * @param status     the answer's
 * @param retryAfter when the client may come again, if that makes a difference
 * @param detail     what the answer says, in our own words
 */
public record Refusal(Status status, Optional<Duration> retryAfter, String detail) implements RaceRunner.Entry {
    /** All components are required. */
    public Refusal {
        Objects.requireNonNull(status);
        Objects.requireNonNull(retryAfter);
        Objects.requireNonNull(detail);
    }
}
