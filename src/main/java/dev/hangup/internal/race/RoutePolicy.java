package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What a route says of its own; and what it is known by: its unresponsive work is counted by this object. Patterns would not
 * do, as those of services that are registered under a path with parameters contain what the client has sent.
 */
public final class RoutePolicy {
    private final Optional<Duration> deadline;

    /**
     * The terms of a route.
     *
     * @param deadline what it allows instead of the server's default; positive
     */
    public RoutePolicy(Optional<Duration> deadline) {
        this.deadline = Objects.requireNonNull(deadline);
    }

    Optional<Duration> deadline() {
        return deadline;
    }
}
