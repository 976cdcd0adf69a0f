package dev.hangup.internal.connection;

import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.socket.TlsSocket;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

/**
 * Helidon's selector for a protocol. Its connections are watched if Hangup is a feature of the server.
 *
 * @param delegate Helidon's selector
 * @param claims   which first bytes are of the protocol, whatever Helidon's selector says
 * @param watched  creates the watched connections
 */
public record WatchedSelector(ServerConnectionSelector delegate, Predicate<BufferData> claims,
                              BiFunction<ConnectionContext, ConnectionPolicy, ServerConnection> watched)
        implements ServerConnectionSelector {
    @Override
    public int bytesToIdentifyConnection() {
        return delegate.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return claims.test(data) ? Support.SUPPORTED : delegate.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return delegate.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext ctx) {
        ConnectionPolicy policy = ctx.router().routing(ConnectionPolicy.class, null);
        if (policy == null) {
            return delegate.connection(ctx);
        }
        if (ctx.serverSocket() instanceof TlsSocket) {
            // a blocked read of this kind of socket outlives a close() by the server, and so does the reader's thread. So the
            // socket below TLS stays open (ConnectionHandler.createByteSocket of 4.5.0)
            return delegate.connection(new WatchedContext(ctx, ctx.dataReader(), ctx.dataWriter(), ctx.remotePeer(),
                                                          policy.decoration()));
        }
        return watched.apply(ctx, policy);
    }
}
