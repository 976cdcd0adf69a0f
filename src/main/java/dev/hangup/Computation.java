package dev.hangup;

import io.helidon.webserver.http.ServerRequest;

/**
 * Computes the result of a request, in plain blocking code.
 * <p>
 * A computation runs on a virtual thread, which is interrupted when the client has left, the deadline has passed or the server
 * stops. A result or exception after that is discarded.
 *
 * @param <T> type of the value, one that Helidon's media support can write
 */
@FunctionalInterface
public interface Computation<T> {
    /**
     * Computes the result.
     *
     * @param request the request
     * @return the value to send; an empty {@link java.util.Optional} gives status 404, {@code null} gives 204
     * @throws Exception if the computation fails; passed to the error handlers of the routing
     */
    T compute(ServerRequest request) throws Exception;
}
