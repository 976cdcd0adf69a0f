package dev.hangup.internal.server;

import dev.hangup.internal.connection.DelegatingContext;
import dev.hangup.internal.race.RaceRunner;

import io.helidon.http.RequestException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.RoutingResponse;

/**
 * The context of the connection, for a routing that runs in a race. Helidon's error handling is then a part of the work, and the
 * exception of a handler ends there. If the work has lost, no error response can be sent; Helidon 4.5.0 logs the exception in the
 * name of the connection ({@code ErrorHandlers.handleError}) and throws another one without it. So the exception that it would log
 * is reported as one that the work has thrown.
 */
final class RaceContext extends DelegatingContext {
    private final RoutingResponse response;

    /** The response is the one that the routing sees. */
    RaceContext(ConnectionContext delegate, RoutingResponse response) {
        super(delegate);
        this.response = response;
    }

    @Override
    public void log(System.Logger logger, System.Logger.Level level, String format, Throwable thrown, Object... variables) {
        if (RaceRunner.lost(response)) {
            // Helidon's own exception is its request for a response; the cause is what the handler threw
            RaceRunner.threw(thrown instanceof RequestException && thrown.getCause() != null ? thrown.getCause() : thrown);
        } else {
            super.log(logger, level, format, thrown, variables);
        }
    }
}
