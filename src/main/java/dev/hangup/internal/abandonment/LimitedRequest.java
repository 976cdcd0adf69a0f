package dev.hangup.internal.abandonment;

import io.helidon.http.HttpPrologue;
import io.helidon.webserver.http.ServerRequest;

/**
 * A request, as the limiter sees it.
 *
 * @param clientRoute the client and the route
 * @param target      a hash of path and query, which a retry has in common with the request that it repeats. A hash, because
 *                    clients choose the length of a target. Targets that collide are treated as one, which affects only their own
 *                    client
 */
record LimitedRequest(ClientRoute clientRoute, int target) {
    static LimitedRequest of(ServerRequest request, ClientRoute clientRoute) {
        HttpPrologue prologue = request.prologue();
        return new LimitedRequest(clientRoute,
                                  31 * prologue.uriPath().rawPath().hashCode() + prologue.query().rawValue().hashCode());
    }
}
