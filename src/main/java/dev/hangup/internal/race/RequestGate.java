package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

import dev.hangup.internal.outcome.UnresponsiveRegistry;

import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;

/**
 * A gate that may refuse a request before its race. Called before each race of a request, on the thread on which Helidon handles
 * it.
 */
@FunctionalInterface
public interface RequestGate {
    /** Returns a gate that refuses requests to routes whose unresponsive work has reached its bound. */
    static RequestGate unresponsiveWork(UnresponsiveRegistry unresponsive, Duration retryAfter) {
        Optional<Refusal> refusal = Optional.of(new Refusal(Status.SERVICE_UNAVAILABLE_503, Optional.of(retryAfter),
                                                            "Too much cancelled work of this route has not ended"));
        return (request, route, id) -> unresponsive.isFull(route) ? refusal : Optional.empty();
    }

    /**
     * Returns the refusal of a request; empty to admit the request. Exceptions go to the error handlers. Under {@code paths} a
     * gate is called before the routing, and the routing of a request whose gate has thrown is run to handle the exception only.
     *
     * @param route the identity of its route, the same object for all its requests
     * @param id    returns the number of the request, as reported to listeners
     */
    Optional<Refusal> refusal(ServerRequest request, RoutePolicy route, LongSupplier id);
}
