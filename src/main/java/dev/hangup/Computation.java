package dev.hangup;

import io.helidon.webserver.http.ServerRequest;

/**
 * Computes the answer to a request; plain blocking code.
 * <p>
 * Runs on a virtual thread that is interrupted when the client has left, the deadline has passed or the server stops.
 * What it returns or throws after that reaches nobody.
 *
 * @param <T> type of the value, one that Helidon's media support can write
 */
@FunctionalInterface
public interface Computation<T> {
    /**
     * Compute the answer.
     *
     * @param request the request
     * @return the value to send; an empty {@link java.util.Optional} is answered with 404, {@code null} with 204
     * @throws Exception goes to the error handlers of the routing
     */
    T compute(ServerRequest request) throws Exception;
}
