package dev.hangup.connection;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.Function;
import java.util.function.UnaryOperator;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.Routing;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.spi.ServerConnection;

/** A connection's context whose reader, writer, peer and HTTP routing are Hangup's. */
final class WatchedContext implements ConnectionContext {
    private final ConnectionContext delegate;
    private final DataReader reader;
    private final DataWriter writer;
    private final PeerInfo remotePeer;
    private final Router router;
    private final Optional<Upgrade> upgrade;
    private final ExecutorService executor;
    private final Optional<RequestFraming> framing;

    WatchedContext(ConnectionContext delegate, DataReader reader, DataWriter writer, PeerInfo remotePeer,
                   UnaryOperator<HttpRouting> decoration, Optional<Upgrade> upgrade, ExecutorService executor) {
        this(delegate, reader, writer, remotePeer, decoration, upgrade, executor, Optional.empty());
    }

    /**
     * @param framing of a connection whose requests come one after the other
     */
    WatchedContext(ConnectionContext delegate, DataReader reader, DataWriter writer, PeerInfo remotePeer,
                   UnaryOperator<HttpRouting> decoration, Optional<Upgrade> upgrade, ExecutorService executor,
                   Optional<RequestFraming> framing) {
        this.framing = framing;
        this.executor = executor;
        this.upgrade = upgrade;
        this.delegate = delegate;
        this.reader = reader;
        this.writer = writer;
        this.remotePeer = remotePeer;
        this.router = new DecoratedRouter(delegate.router(), decoration);
    }

    /** How to make an HTTP/2 connection of this one, if it may become one. */
    Optional<Upgrade> upgrade() {
        return upgrade;
    }

    /** What is known of its requests' framing, if they come one after the other. */
    Optional<RequestFraming> framing() {
        return framing;
    }

    @Override
    public ListenerContext listenerContext() {
        return delegate.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return executor;
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
        return router;
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return delegate.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return delegate.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return remotePeer;
    }

    @Override
    public PeerInfo localPeer() {
        return delegate.localPeer();
    }

    @Override
    public boolean isSecure() {
        return delegate.isSecure();
    }

    @Override
    public String socketId() {
        return delegate.socketId();
    }

    @Override
    public String childSocketId() {
        return delegate.childSocketId();
    }

    /** Makes a watched HTTP/2 connection of a watched one of HTTP/1.1. */
    @FunctionalInterface
    interface Upgrade {
        /**
         * From now on the connection speaks another protocol.
         *
         * @param limits   what the other protocol allows
         * @param protocol makes Helidon's connection
         */
        WatchedHttp2Connection to(Http2Limits limits, Function<ConnectionContext, ServerConnection> protocol);
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
        public void afterStart(WebServer webServer) {
            delegate.afterStart(webServer);
        }

        @Override
        public List<? extends Routing> routings() {
            return delegate.routings();
        }
    }
}
