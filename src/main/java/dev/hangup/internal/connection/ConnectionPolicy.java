package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

import io.helidon.webserver.Routing;
import io.helidon.webserver.http.HttpRouting;

/**
 * The policy for the connections of one listener. It is a {@link Routing}, because a connection finds the routings of its
 * listener through its router. A listener without a policy is left as Helidon created it.
 *
 * @param watch             whether connections are watched at all
 * @param tolerateHalfClose whether a client that has ended its side may still be waiting for its response
 * @param readAhead         bounds of the read-ahead
 * @param drain             how long requests in flight may continue once the server stops
 * @param stopping          notified by each connection that the server closes during shutdown
 * @param ending            whether the JVM has begun to shut down, so that clients should connect elsewhere
 * @param lingeringClose    how long to continue reading from a client that is still sending when it receives an early response;
 *                          also bounded in bytes by {@link ReadAhead#MAX_DISCARDED}
 * @param stallTimer        bounds how long a client may leave a response unread when no work runs
 * @param http2Events       counts misbehaviour of HTTP/2 clients
 * @param decoration        applied to the HTTP routing of each connection
 */
public record ConnectionPolicy(boolean watch, boolean tolerateHalfClose, ReadAheadBounds readAhead, Duration drain,
                               Runnable stopping, BooleanSupplier ending, Duration lingeringClose,
                               StallTimer stallTimer, Http2Events http2Events,
                               UnaryOperator<HttpRouting> decoration) implements Routing {
    /**
     * The form in which Helidon accepts a routing.
     *
     * @param policy the routing
     */
    public record Builder(ConnectionPolicy policy) implements io.helidon.common.Builder<Builder, ConnectionPolicy> {
        @Override
        public ConnectionPolicy build() {
            return policy;
        }
    }
}
