package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The policy of a route, and the identity of the route: unresponsive work is counted per instance. A pattern cannot serve as the
 * identity, because the pattern of a service registered under a path with parameters contains what the client has sent.
 */
public final class RoutePolicy {
    private final Optional<Duration> deadline;

    /**
     * Creates the policy of a route.
     *
     * @param deadline deadline of the route in place of the server's default; positive
     */
    public RoutePolicy(Optional<Duration> deadline) {
        this.deadline = Objects.requireNonNull(deadline);
    }

    Optional<Duration> deadline() {
        return deadline;
    }
}
