package dev.hangup.internal.server;

import java.util.Optional;
import java.util.concurrent.ExecutorService;

import dev.hangup.internal.race.RaceRunner;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.http.RequestException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.RoutingResponse;

/**
 * The context of the connection, for a routing that runs in a race. Helidon's error handling is a part of the work then, and the
 * exception of a handler ends there. If the work has lost, no error response can be sent; Helidon 4.5.0 logs the exception in the
 * name of the connection ({@code ErrorHandlers.handleError}) and throws another one without it. So what it would log is reported
 * as what the work has thrown.
 *
 * @param delegate the context
 * @param response the response as the routing sees it
 */
record RaceContext(ConnectionContext delegate, RoutingResponse response) implements ConnectionContext {
    @Override
    public void log(System.Logger logger, System.Logger.Level level, String format, Throwable thrown, Object... variables) {
        if (RaceRunner.lost(response)) {
            // Helidon's own exception is its request for a response; the cause is what the handler threw
            RaceRunner.threw(thrown instanceof RequestException && thrown.getCause() != null ? thrown.getCause() : thrown);
        } else {
            delegate.log(logger, level, format, thrown, variables);
        }
    }

    @Override
    public void log(System.Logger logger, System.Logger.Level level, String format, Object... variables) {
        delegate.log(logger, level, format, variables);
    }

    @Override
    public ListenerContext listenerContext() {
        return delegate.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return delegate.executor();
    }

    @Override
    public DataWriter dataWriter() {
        return delegate.dataWriter();
    }

    @Override
    public DataReader dataReader() {
        return delegate.dataReader();
    }

    @Override
    public Router router() {
        return delegate.router();
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
        return delegate.remotePeer();
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
}
