package dev.hangup.internal.address;

import java.net.InetAddress;
import java.net.InetSocketAddress;

import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.configurable.AllowList;
import io.helidon.common.uri.UriQuery;
import io.helidon.http.HeaderNames;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.WritableHeaders;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A fault of Helidon 4.5.0 in what it believes of proxies, as long as it is there. */
class HelidonProxyFaultsTest {
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
