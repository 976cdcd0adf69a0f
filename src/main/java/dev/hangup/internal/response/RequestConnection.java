package dev.hangup.internal.response;

import java.util.concurrent.ExecutorService;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.Router;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponseBase;

/**
 * A connection as far as a request knows it, for {@link ServerResponseBase}, which uses it to find the listener. The view of a
 * response does not need the connection itself.
 */
record RequestConnection(ServerRequest request) implements ConnectionContext {
    @Override
    public ListenerContext listenerContext() {
        return request.listenerContext();
    }

    @Override
    public ExecutorService executor() {
        return listenerContext().executor();
    }

    @Override
    public DataWriter dataWriter() {
        throw new IllegalStateException("A view writes nothing to the connection");
    }

    @Override
    public DataReader dataReader() {
        throw new IllegalStateException("A view reads nothing from the connection");
    }

    @Override
    public Router router() {
        return Router.empty();
    }

    @Override
    public PeerInfo remotePeer() {
        return request.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return request.localPeer();
    }

    @Override
    public boolean isSecure() {
        return request.isSecure();
    }

    @Override
    public String socketId() {
        return request.serverSocketId();
    }

    @Override
    public String childSocketId() {
        return request.socketId();
    }
}
