package dev.hangup.internal.connection;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.Routing;
import io.helidon.webserver.http.HttpRouting;

/** The context of a connection whose reader, writer, peer and HTTP routing are replaced by Hangup's. */
public class WatchedContext extends DelegatingContext {
    private final DataReader reader;
    private final DataWriter writer;
    private final PeerInfo remotePeer;
    private final UnaryOperator<HttpRouting> decoration;

    public WatchedContext(ConnectionContext delegate, DataReader reader, DataWriter writer, PeerInfo remotePeer,
                          UnaryOperator<HttpRouting> decoration) {
        super(delegate);
        this.reader = reader;
        this.writer = writer;
        this.remotePeer = remotePeer;
        this.decoration = decoration;
    }

    /** Returns the state that another protocol needs to take over the connection; empty if none may. */
    public Optional<Takeover> takeover() {
        return Optional.empty();
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public Router router() {
        return new DecoratedRouter(super.router(), decoration);
    }

    @Override
    public PeerInfo remotePeer() {
        return remotePeer;
    }

    /**
     * The state that a connection of another protocol needs to take over this one, once the client has requested an upgrade.
     *
     * @param raw    Helidon's context
     * @param policy the policy of the listener
     * @param share  charged for the bytes that the connection holds
     * @param source supplies the bytes that were read and not consumed, then those of the socket
     */
    public record Takeover(ConnectionContext raw, ConnectionPolicy policy, ReadAheadShare share, Supplier<byte[]> source) {
    }

    private record DecoratedRouter(Router delegate, UnaryOperator<HttpRouting> decoration) implements Router {
        @Override
        public <T extends Routing> T routing(Class<T> routingType, T defaultValue) {
            T routing = delegate.routing(routingType, defaultValue);
            return routing instanceof HttpRouting http ? routingType.cast(decoration.apply(http)) : routing;
        }

        @Override
        public void afterStop() {
            delegate.afterStop();
        }

        @Override
        public void beforeStart() {
            delegate.beforeStart();
        }

        @Override
        public List<? extends Routing> routings() {
            return delegate.routings();
        }
    }
}
