package dev.hangup.internal.abandonment;

import io.helidon.http.HttpPrologue;
import io.helidon.webserver.http.ServerRequest;

/**
 * A request, as far as it matters who abandons it.
 *
 * @param visitor whose it is
 * @param target  what a retry has in common with the request that it repeats, path and query. A hash, since clients choose how
 *                long a target is. Targets that collide are taken for one, which is to the disadvantage of their client alone
 */
record Visit(Visitor visitor, int target) {
    static Visit of(ServerRequest request, Visitor visitor) {
        HttpPrologue prologue = request.prologue();
        return new Visit(visitor, 31 * prologue.uriPath().rawPath().hashCode() + prologue.query().rawValue().hashCode());
    }
}
