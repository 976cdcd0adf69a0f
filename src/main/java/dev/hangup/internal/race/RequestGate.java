package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;

import dev.hangup.internal.outcome.UnresponsiveRegistry;

import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/** What may refuse a request before its race. Asked with each race of a request, on the thread that Helidon handles it on. */
@FunctionalInterface
public interface RequestGate {
    /**
     * Refuses requests to routes that have as much unresponsive work as they may have.
     *
     * @param unresponsive that work
     * @param retryAfter   what the clients are told
     * @return the gate
     */
    static RequestGate unresponsiveWork(UnresponsiveRegistry unresponsive, Duration retryAfter) {
        Optional<Refusal> refusal = Optional.of(new Refusal(Status.SERVICE_UNAVAILABLE_503, Optional.of(retryAfter),
                                                            "Too much work of this route was cancelled and has not ended"));
        return (request, route, id) -> unresponsive.isFull(route) ? refusal : Optional.empty();
    }

    /**
     * Whether a request may have its race. What this throws goes to the error handlers.
     *
     * @param request the request
     * @param route   what its route is known by, the same object for all its requests
     * @param id      the request's number, as listeners know it
     * @return why it is refused; empty to let it pass
     */
    Optional<Refusal> refusal(ServerRequest request, RoutePolicy route, long id);
}
