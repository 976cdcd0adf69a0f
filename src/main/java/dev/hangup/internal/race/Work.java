package dev.hangup.internal.race;

import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/** What is to be done for a request: a handler, or the rest of the routing. Runs on a thread that is interrupted. */
@FunctionalInterface
public interface Work {
    /**
     * Do it.
     *
     * @param request  the request
     * @param response a view of the response, cut off at the moment the work has lost
     * @throws Exception whatever the work throws; goes where it would have gone without Hangup, unless the work lost
     */
    void run(ServerRequest request, RoutingResponse response) throws Exception;
}
