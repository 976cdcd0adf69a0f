package dev.hangup.internal.http1;

import java.util.Optional;
import java.util.function.UnaryOperator;

import dev.hangup.internal.connection.WatchedContext;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.HttpRouting;

/** The context of an HTTP/1.1 connection. Its requests come one after the other. */
final class Http1Context extends WatchedContext {
    private final RequestFraming framing;

    Http1Context(ConnectionContext delegate, DataReader reader, DataWriter writer, PeerInfo remotePeer,
                 UnaryOperator<HttpRouting> decoration, Takeover takeover, RequestFraming framing) {
        super(delegate, reader, writer, remotePeer, decoration, Optional.of(takeover), delegate.executor());
        this.framing = framing;
    }

    /** The framing state of its requests. */
    RequestFraming framing() {
        return framing;
    }
}
