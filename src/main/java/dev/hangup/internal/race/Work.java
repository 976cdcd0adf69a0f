package dev.hangup.internal.race;

import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/** The work of a request: a handler, or the rest of the routing. Runs on a thread that is interrupted on cancellation. */
@FunctionalInterface
public interface Work {
    /**
     * Runs the work. What it throws goes where it would have gone without Hangup, unless the work has lost.
     *
     * @param response a view of the response, detached when the work has lost
     */
    void run(ServerRequest request, RoutingResponse response) throws Exception;
}
