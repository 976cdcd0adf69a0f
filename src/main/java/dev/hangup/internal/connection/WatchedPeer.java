package dev.hangup.internal.connection;

import java.net.SocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.function.Function;

import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;

/**
 * The client's address, and the link from a request to its connection: {@code ServerRequest.remotePeer()} returns the peer object
 * of the connection, for every protocol and on any thread.
 */
public final class WatchedPeer implements PeerInfo {
    private final ConnectionContext delegate;
    private final Function<ServerRequest, Exchange> exchanges;
    // a closed socket no longer knows its peer, but a request that has ended is still to be reported
    private final SocketAddress address;
    private final String host;
    private final int port;

    public WatchedPeer(ConnectionContext delegate, Function<ServerRequest, Exchange> exchanges) {
        this.delegate = delegate;
        this.exchanges = exchanges;
        PeerInfo peer = delegate.remotePeer();
        this.address = peer.address();
        this.host = peer.host();
        this.port = peer.port();
    }

    Exchange exchange(ServerRequest request) {
        return exchanges.apply(request);
    }

    String text() {
        return host + ":" + port;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public String host() {
        return host;
    }

    @Override
    public int port() {
        return port;
    }

    // requested each time: TLS knows the principal only after the first read
    @Override
    public Optional<Principal> tlsPrincipal() {
        return delegate.remotePeer().tlsPrincipal();
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
        return delegate.remotePeer().tlsCertificates();
    }
}
