package dev.hangup.internal.response;

import dev.hangup.internal.connection.DelegatingContext;

import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponseBase;

/**
 * The connection of a request for {@link ServerResponseBase}, which uses it to find the listener and for nothing else (4.5.0). The
 * view of a response does not need the connection itself.
 */
final class RequestConnection extends DelegatingContext {
    private final ServerRequest request;

    RequestConnection(ServerRequest request) {
        super(null);
        this.request = request;
    }

    @Override
    public ListenerContext listenerContext() {
        return request.listenerContext();
    }
}
