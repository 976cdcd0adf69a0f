package dev.hangup.internal.address;

import java.net.InetAddress;
import java.net.InetSocketAddress;

import dev.hangup.internal.connection.WatchedPeer;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Transport;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.configurable.AllowList;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

/** Faults of Helidon 4.5.0 in what it believes of proxies and other peers, each as long as it is there. */
class HelidonProxyFaultsTest {
    /** The name of the loopback address comes from the hosts file. */
    @Test
    @WorkedAroundBy(value = {ClientAddress.class, WatchedPeer.class}, members = "withoutName")
    void peerHasItsNameOverTls() {
        String name = InetAddress.getLoopbackAddress().getHostName();
        try (PlainServer server = PlainServer.builder().server(Transport.TLS_1_3::configure).start(routing -> routing
                .get("/", (request, response) -> response.send(request.remotePeer().host())));
                RawClient client = Transport.TLS_1_3.connect(server.port())) {
            assertNotEquals("127.0.0.1", name);
            assertEquals(name, client.get("/").read().text());
        }
    }

    @Test
    @WorkedAroundBy(value = TrustedProxies.class, members = "syntheticRequest")
    void trustedProxyThatNamesOnlyItsClientIsNotBelieved() {
        RequestedUriDiscoveryContext discovery = RequestedUriDiscoveryContext.builder()
                .addDiscoveryType(RequestedUriDiscoveryContext.RequestedUriDiscoveryType.X_FORWARDED)
                .trustedProxies(AllowList.builder().addAllowed("127.0.0.1").build())
                .build();
        ServerRequestHeaders headers = ServerRequestHeaders.create(WritableHeaders.create()
                .set(HeaderNames.HOST, "own")
                .set(HeaderNames.X_FORWARDED_FOR, "192.0.2.7")
                .set(HeaderNames.X_FORWARDED_HOST, "forwarded"));
        InetSocketAddress proxy = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        assertEquals("own", discovery.uriInfo(proxy, null, "/", headers, UriQuery.empty(), false).host());
    }
}
