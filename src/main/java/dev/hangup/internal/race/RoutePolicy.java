package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.internal.outcome.RequestText;

import io.helidon.webserver.http.ServerRequest;

/**
 * The policy of a route, and the identity of the route: unresponsive work is counted per instance. A pattern cannot serve as the
 * identity, because the pattern of a service registered under a path with parameters contains what the client has sent.
 */
public final class RoutePolicy {
    final Optional<Duration> deadline;
    private final Optional<String> name;

    /**
     * @param deadline deadline of the route in place of the server's default; positive
     * @param name     name of the route; empty if it is that of the pattern of its requests
     */
    public RoutePolicy(Optional<Duration> deadline, Optional<String> name) {
        this.deadline = deadline;
        this.name = name;
    }

    /**
     * Returns the name of the route, which is the same on other servers of the same application: the configured path, or the
     * method and the pattern. If a service is registered under a wildcard, the pattern contains what the client has sent.
     *
     * @param request a request to the route
     */
    public String name(ServerRequest request) {
        return name.orElseGet(() -> RequestText.name(request));
    }
}
