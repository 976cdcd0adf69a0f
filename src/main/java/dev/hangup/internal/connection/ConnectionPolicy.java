package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.Objects;
import java.util.function.UnaryOperator;

import io.helidon.webserver.Routing;
import io.helidon.webserver.http.HttpRouting;

/**
 * What the connections of one listener must know of Hangup. It travels as a {@link Routing}, since a connection finds
 * those of its listener at its router; a listener without one is left as Helidon made it.
 *
 * @param watch             whether connections are watched at all
 * @param tolerateHalfClose whether a client that has ended its side may still be waiting for its answer
 * @param readAhead         how much may be read ahead
 * @param drain             how long requests in flight may go on once the server stops
 * @param stopping          told by each connection that the server closes because it stops
 * @param lingeringClose    how long to go on reading from a client that is still sending when it is answered early; bounded
 *                          in bytes, too, by {@link ReadAhead#MAX_DISCARDED}
 * @param http2Events       counts what clients of HTTP/2 should not do
 * @param decoration        applied to the HTTP routing of each connection
 */
public record ConnectionPolicy(boolean watch, boolean tolerateHalfClose, ReadAheadBounds readAhead, Duration drain,
                               Runnable stopping, Duration lingeringClose, Http2Events http2Events,
                               UnaryOperator<HttpRouting> decoration) implements Routing {
    /** All components are required. */
    public ConnectionPolicy {
        Objects.requireNonNull(readAhead);
        Objects.requireNonNull(drain);
        Objects.requireNonNull(stopping);
        Objects.requireNonNull(lingeringClose);
        Objects.requireNonNull(http2Events);
        Objects.requireNonNull(decoration);
    }

    public HttpRouting decorate(HttpRouting routing) {
        return decoration.apply(routing);
    }

    /**
     * What Helidon wants a routing to be handed over in.
     *
     * @param policy what is handed over
     */
    public record Builder(ConnectionPolicy policy) implements io.helidon.common.Builder<Builder, ConnectionPolicy> {
        @Override
        public ConnectionPolicy build() {
            return policy;
        }
    }
}
