package dev.hangup.internal.connection;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.security.Principal;
import java.security.cert.Certificate;
import java.util.Optional;
import java.util.function.Function;

import dev.hangup.internal.address.ClientAddress;

import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;

/**
 * The client's address, without a name, and the link from a request to its connection: {@code ServerRequest.remotePeer()} returns
 * the peer object of the connection, for every protocol and on any thread.
 */
public final class WatchedPeer implements PeerInfo {
    private final ConnectionContext delegate;
    private final Function<ServerRequest, Exchange> exchanges;
    // a closed socket no longer knows its peer, but a request that has ended is still to be reported
    private final SocketAddress address;
    private final String text;

    public WatchedPeer(ConnectionContext delegate, Function<ServerRequest, Exchange> exchanges) {
        this.delegate = delegate;
        this.exchanges = exchanges;
        PeerInfo peer = delegate.remotePeer();
        this.address = peer.address() instanceof InetSocketAddress inet ? ClientAddress.withoutName(inet) : peer.address();
        this.text = text(peer, delegate.localPeer());
    }

    /** The peer in the form used in logs. Clients of a Unix domain socket have no name; that of the listener stands for them. */
    static String text(PeerInfo remote, PeerInfo local) {
        if (remote.address() instanceof UnixDomainSocketAddress) {
            return "unix:" + local.host();
        }
        String host = remote.address() instanceof InetSocketAddress inet
                ? ClientAddress.withoutName(inet).getHostString()
                : remote.host();
        return host + ":" + remote.port();
    }

    Exchange exchange(ServerRequest request) {
        return exchanges.apply(request);
    }

    /** As {@link #text(PeerInfo, PeerInfo)}, also when the socket is closed. */
    public String text() {
        return text;
    }

    @Override
    public SocketAddress address() {
        return address;
    }

    @Override
    public String host() {
        return address instanceof InetSocketAddress inet
                ? inet.getHostString()
                : ((UnixDomainSocketAddress) address).getPath().toString();
    }

    @Override
    public int port() {
        return address instanceof InetSocketAddress inet ? inet.getPort() : -1;
    }

    // requested each time: TLS knows the principal only after the first read
    @Override
    public Optional<Principal> tlsPrincipal() {
        return delegate.isSecure() ? delegate.remotePeer().tlsPrincipal() : Optional.empty();
    }

    @Override
    public Optional<Certificate[]> tlsCertificates() {
        return delegate.isSecure() ? delegate.remotePeer().tlsCertificates() : Optional.empty();
    }
}
