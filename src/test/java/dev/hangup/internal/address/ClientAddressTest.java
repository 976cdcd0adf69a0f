package dev.hangup.internal.address;

import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.common.configurable.AllowList;
import io.helidon.common.configurable.AllowListConfig;
import io.helidon.common.media.type.MediaTypes;
import io.helidon.common.socket.PeerInfo;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.http.RequestedUriDiscoveryContext;
import io.helidon.http.RequestedUriDiscoveryContext.RequestedUriDiscoveryType;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.WebServerConfig;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who a client is, said by its address, by proxies that are trusted, and by others. */
class ClientAddressTest {
    private static final String FORGED = "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\nX-Real-IP: 6.6.6.6\r\n";

    @Test
    void nobodyIsBelievedWhereNobodyIsTrusted() {
        assertEquals("127.0.0.1", client(server -> { }, FORGED));
    }

    @ParameterizedTest
    @CsvSource({"FORWARDED", "X_FORWARDED", "HOST"})
    void peerThatIsNotTrustedIsNotBelieved(RequestedUriDiscoveryType type) {
        assertEquals("127.0.0.1", client(server -> server.requestedUriDiscoveryContext(trusting(type, "10.0.0.1")), FORGED));
    }

    @Test
    void headerThatTheDiscoveryDoesNotGoByIsNotBelieved() {
        assertEquals("127.0.0.1", client(behind(RequestedUriDiscoveryType.FORWARDED), "X-Forwarded-For: 6.6.6.6\r\n"));
        assertEquals("127.0.0.1", client(behind(RequestedUriDiscoveryType.X_FORWARDED), "Forwarded: for=6.6.6.6\r\n"));
        assertEquals("127.0.0.1", client(behind(RequestedUriDiscoveryType.HOST), FORGED));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            192.0.2.7                               | 192.0.2.7
            6.6.6.6, 192.0.2.7                      | 192.0.2.7
            6.6.6.6, 192.0.2.7, 10.0.0.1            | 192.0.2.7
            192.0.2.7, 10.0.0.1, 10.0.0.1           | 192.0.2.7
            10.0.0.1                                | 10.0.0.1
            6.6.6.6, unknown                        | 127.0.0.1
            6.6.6.6, unknown, 10.0.0.1              | 10.0.0.1
            2001:db8:1:2:3:4:5:6                    | 2001:db8:1:2:0:0:0:0/64""")
    void trustedProxyIsBelievedUpToTheFirstThatIsNot(String forwardedFor, String client) {
        assertEquals(client, client(behind(RequestedUriDiscoveryType.X_FORWARDED),
                                    "X-Forwarded-For: " + forwardedFor + "\r\n"));
    }

    @Test
    void typeWhoseHeaderIsMissingIsFollowedByTheNext() {
        assertEquals("192.0.2.7", client(behindEither(), "X-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.0.0.1\r\n"));
    }

    @Test
    void firstTypeWhoseHeaderIsThereCounts() {
        assertEquals("192.0.2.7", client(behindEither(), "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=192.0.2.7\r\n"));
    }

    @Test
    void forwardedIsBelievedUpToTheFirstThatIsNot() {
        assertEquals("192.0.2.7", client(behind(RequestedUriDiscoveryType.FORWARDED),
                                         "Forwarded: for=6.6.6.6;host=evil\r\nForwarded: for=192.0.2.7, for=10.0.0.1\r\n"));
    }

    @Test
    void trustedProxyThatSaysNothingIsAClient() {
        assertEquals("127.0.0.1", client(behind(RequestedUriDiscoveryType.FORWARDED), ""));
    }

    /** As overload.md says. */
    @Test
    void proxiesThatAreTrustedAreConfigured() {
        Config config = Config.just(ConfigSources.create("""
                requested-uri-discovery:
                  types: [x-forwarded]
                  trusted-proxies:
                    allow:
                      exact: ["127.0.0.1"]
                """, MediaTypes.APPLICATION_YAML));
        assertEquals("192.0.2.7", client(server -> server.config(config), "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n"));
    }

    @Test
    void proxyProtocolIsBelieved() {
        try (TestServer server = start(config -> config.enableProxyProtocol(true)); RawClient client = server.connect()) {
            client.send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals("192.0.2.7", client.get("/", FORGED).read().text());
        }
    }

    @Test
    void proxyProtocolThatSaysNothingLeavesThePeer() {
        try (TestServer server = start(config -> config.enableProxyProtocol(true)); RawClient client = server.connect()) {
            client.send("PROXY UNKNOWN 6.6.6.6 6.6.6.7 1 2\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals("127.0.0.1", client.get("/", FORGED).read().text());
        }
    }

    @Test
    void sameGoesForHttp2() {
        try (TestServer server = start(behind(RequestedUriDiscoveryType.X_FORWARDED));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            assertEquals("192.0.2.7", client.answer(client.get("/", "x-forwarded-for", "6.6.6.6, 192.0.2.7")).text());
        }
    }

    /** Helidon 4.5.0 looks it up for TLS, and the owner of the address chooses it. */
    @Test
    void nameOfAPeerIsNotTrusted() {
        assertEquals("127.0.0.1", client(Transport.TLS_1_3, server -> server.requestedUriDiscoveryContext(
                trusting(List.of(RequestedUriDiscoveryType.FORWARDED), allowed -> allowed.addAllowedPrefix("local"))), FORGED));
    }

    @Test
    void peerIsReportedByItsAddressOverTls() {
        try (TestServer server = TestServer.start(Transport.TLS_1_3, routing -> routing
                .get("/", Hangup.cancellable(request -> request.remotePeer().host())));
                RawClient client = server.connect()) {
            assertEquals("127.0.0.1", client.get("/").read().text());
            String peer = server.nextEnd().peer();
            assertTrue(peer.matches("127\\.0\\.0\\.1:\\d+"), peer);
        }
    }

    @Test
    void networkOfAnIpv6AddressCounts() {
        assertEquals("2001:db8:0:0:0:0:0:0/64", network("2001:db8::1"));
        assertEquals("2001:db8:0:0:0:0:0:0/64", network("2001:db8::ffff:0:0:1"));
        assertEquals("2001:db8:0:1:0:0:0:0/64", network("2001:db8:0:1::1"));
    }

    @Test
    void addressesOfOneIpv6NetworkAreOneClient() {
        assertEquals(network("2001:db8:0:1::1"), network("2001:db8:0:1:ffff:ffff:ffff:ffff"));
        assertNotEquals(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
    }

    @Test
    void eachIpv4AddressIsAClientOfItsOwn() {
        assertNotEquals(network("192.0.2.1"), network("192.0.2.2"));
        assertEquals(network("192.0.2.1"), network("::ffff:192.0.2.1"));
    }

    @ParameterizedTest
    @CsvSource({
            "IPv4,    192.0.2.7,   192.0.2.7",
            "IPv6,    2001:db8::1, 2001:db8:0:0:0:0:0:0/64",
            "UNKNOWN, 192.0.2.7,   127.0.0.1",
            // not an address, and looked up by InetAddress.getByName
            "IPv4,    999.1.1.1,   127.0.0.1",
            "IPv4,    localhost,   127.0.0.1"})
    void connectionIsChargedToWhomTheProxyProtocolNames(ProxyProtocolData.Family family, String source, String network) {
        assertEquals(network, charged(Optional.of(named(family, source)), new InetSocketAddress("127.0.0.1", 80)));
    }

    @Test
    void connectionIsChargedToItsPeer() {
        assertEquals("192.0.2.9", charged(Optional.empty(), new InetSocketAddress("192.0.2.9", 80)));
        assertEquals("local", charged(Optional.empty(), UnixDomainSocketAddress.of("socket")));
    }

    private static String network(String literal) {
        return AddressLiteral.parse(literal).orElseThrow().network();
    }

    private static String charged(Optional<ProxyProtocolData> data, SocketAddress from) {
        PeerInfo peer = with(PeerInfo.class, Map.of("address", from));
        return ClientAddress.networkOf(with(ConnectionContext.class, Map.of("proxyProtocolData", data, "remotePeer", peer)));
    }

    private static ProxyProtocolData named(ProxyProtocolData.Family family, String source) {
        return with(ProxyProtocolData.class, Map.of("family", family, "sourceAddress", source, "sourcePort", 4711));
    }

    private static <T> T with(Class<T> type, Map<String, ?> values) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
                                                (proxy, method, arguments) -> values.get(method.getName())));
    }

    private static String client(Consumer<WebServerConfig.Builder> config, String headers) {
        return client(Transport.CLEAR, config, headers);
    }

    private static String client(Transport transport, Consumer<WebServerConfig.Builder> config, String headers) {
        try (TestServer server = start(transport, config); RawClient client = server.connect()) {
            return client.get("/", headers).read().text();
        }
    }

    private static TestServer start(Consumer<WebServerConfig.Builder> config) {
        return start(Transport.CLEAR, config);
    }

    private static TestServer start(Transport transport, Consumer<WebServerConfig.Builder> config) {
        return TestServer.start(transport, config, hangup -> { }, routing -> routing.get("/", Hangup.cancellable(request ->
                ClientAddress.of(request).map(ClientAddress::network).orElse("none"))));
    }

    private static Consumer<WebServerConfig.Builder> behind(RequestedUriDiscoveryType type) {
        return server -> server.requestedUriDiscoveryContext(trusting(type, "127.0.0.1", "10.0.0.1"));
    }

    private static Consumer<WebServerConfig.Builder> behindEither() {
        return server -> server.requestedUriDiscoveryContext(trusting(
                List.of(RequestedUriDiscoveryType.FORWARDED, RequestedUriDiscoveryType.X_FORWARDED), "127.0.0.1", "10.0.0.1"));
    }

    private static RequestedUriDiscoveryContext trusting(RequestedUriDiscoveryType type, String... proxies) {
        return trusting(List.of(type), proxies);
    }

    private static RequestedUriDiscoveryContext trusting(List<RequestedUriDiscoveryType> types, String... proxies) {
        return trusting(types, allowed -> List.of(proxies).forEach(allowed::addAllowed));
    }

    private static RequestedUriDiscoveryContext trusting(List<RequestedUriDiscoveryType> types,
                                                         Consumer<AllowListConfig.Builder> proxies) {
        AllowList allowed = AllowList.builder().update(proxies).build();
        return RequestedUriDiscoveryContext.builder().types(types).trustedProxies(allowed).build();
    }
}
