package dev.hangup.internal.connection;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import dev.hangup.Hangup;
import dev.hangup.internal.address.ClientAddress;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.UnixSocket;

import io.helidon.common.media.type.MediaTypes;
import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients that connect to a Unix domain socket: those that leave, and those that a proxy speaks for. */
class UnixDomainSocketTest {
    private static final Trail TRAIL = new Trail();
    private static final String TRUSTING = """
            requested-uri-discovery:
              types: [x-forwarded]
              trusted-proxies:
                allow:
                  exact: ["unix:", "10.0.0.1"]
            """;

    @TempDir
    private static Path directory;
    private static Path socket;
    private static TestServer server;

    @BeforeAll
    static void start() {
        socket = directory.resolve("http.sock");
        server = start(socket, "");
    }

    @AfterAll
    static void stop() {
        server.close();
        assertFalse(Files.exists(socket));
    }

    @Test
    @Tag("departure")
    void departureIsNoticed() {
        try (RawClient client = UnixSocket.connect(socket)) {
            begin(client);
        }
        assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
    }

    @Test
    @Tag("departure")
    void departureBehindAnUnreadBodyIsNoticed() {
        int started = started();
        try (RawClient client = UnixSocket.connect(socket)) {
            client.send("POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n" + "x".repeat(100_000));
            TRAIL.await("started", started + 1);
        }
        assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
    }

    @Test
    @Tag("departure")
    void departureAndResetOverHttp2AreNoticed() {
        try (Http2Client client = Http2Client.over(UnixSocket.connect(socket))) {
            int started = started();
            int reset = client.get("/work");
            client.get("/work");
            TRAIL.await("started", started + 2);
            client.send(Http2Client.reset(reset));
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertEquals("none", client.answer(client.get("/client")).text());
        }
        // in any order: the client has its answer before that request has ended
        assertEquals(EnumSet.of(Outcome.COMPLETED, Outcome.DISCONNECTED),
                     EnumSet.of(server.nextEnd().outcome(), server.nextEnd().outcome()));
    }

    @Test
    @Tag("departure")
    void departureAfterAnUpgradeIsNoticed() {
        int started = started();
        try (RawClient client = UnixSocket.connect(socket)) {
            Http2Opening.upgrade(client, "/work");
            TRAIL.await("started", started + 1);
        }
        assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
    }

    @Test
    void connectionIsUsedAgain() {
        try (RawClient client = UnixSocket.connect(socket)) {
            assertEquals("none", client.get("/client").read().text());
            assertEquals("none", client.get("/client").read().text());
        }
        assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
    }

    /** It was ":-1". */
    @Test
    void peerInTheLogIsTheSocketThatTheClientHasConnectedTo() {
        try (Logged log = Logged.by("dev.hangup"); RawClient client = UnixSocket.connect(socket)) {
            client.get("/work", "X-Request-Timeout-Ms: 1\r\n").read();
            assertEquals("unix:" + socket, server.nextEnd().peer());
            Predicate<String> ofRequest = it -> it.startsWith("deadline-exceeded GET /work ");
            log.trail().awaitAny(ofRequest, "the line");
            String line = log.trail().events().stream().filter(ofRequest).findFirst().orElseThrow();
            assertTrue(Pattern.compile(" peer=unix:" + Pattern.quote(socket.toString()) + " ").matcher(line).find(), line);
        }
    }

    @Test
    void headerOfAProxyIsNotBelievedUnlessTheSocketIsTrusted() {
        try (RawClient client = UnixSocket.connect(socket)) {
            assertEquals("none", client.get("/client", "X-Forwarded-For: 192.0.2.7\r\n").read().text());
            assertEquals("unix:" + socket, server.nextEnd().peer());
        }
        Path other = directory.resolve("other.sock");
        try (TestServer distrusting = start(other, TRUSTING.replace("unix:", "10.0.0.2"));
                RawClient client = UnixSocket.connect(other)) {
            assertEquals("none", client.get("/client", "X-Forwarded-For: 192.0.2.7\r\n").read().text());
            assertEquals("unix:" + other, distrusting.nextEnd().peer());
        }
    }

    @Test
    void headerOfATrustedProxyIsBelieved() {
        Path trusted = directory.resolve("trusted.sock");
        try (TestServer trusting = start(trusted, TRUSTING); RawClient client = UnixSocket.connect(trusted);
                Http2Client http2 = Http2Client.over(UnixSocket.connect(trusted))) {
            assertEquals("192.0.2.7", client.get("/client", "X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\n").read().text());
            assertEquals("192.0.2.7", trusting.nextEnd().peer());
            assertEquals("192.0.2.7", client.get("/client", "X-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.0.0.1\r\n").read().text());
            assertEquals("none", client.get("/client").read().text());
            assertEquals("none", client.get("/client", "X-Forwarded-For: 6.6.6.6, unix:\r\n").read().text());
            assertEquals("none", client.get("/client", "Forwarded: for=6.6.6.6\r\n").read().text());
            assertEquals("192.0.2.7", http2.answer(http2.get("/client", "x-forwarded-for", "192.0.2.7")).text());
        }
    }

    @Test
    void proxyProtocolIsBelieved() {
        Path proxied = directory.resolve("proxied.sock");
        try (TestServer behind = start(proxied, "enable-proxy-protocol: true"); RawClient client = UnixSocket.connect(proxied)) {
            client.send("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n");
            assertEquals("192.0.2.7", client.get("/client").read().text());
            assertEquals("192.0.2.7:4711", behind.nextEnd().peer());
        }
    }

    private static void begin(RawClient client) {
        int started = started();
        client.get("/work");
        TRAIL.await("started", started + 1);
    }

    private static int started() {
        return (int) TRAIL.events().stream().filter("started"::equals).count();
    }

    /** As operations.md says. */
    private static TestServer start(Path path, String more) {
        Config config = Config.just(ConfigSources.create("bind-address: \"unix:" + path + "\"\n" + more,
                                                         MediaTypes.APPLICATION_X_YAML));
        return TestServer.start(it -> it.config(config), hangup -> { }, UnixDomainSocketTest::routing);
    }

    private static void routing(HttpRouting.Builder routing) {
        routing.any("/work", Hangup.cancellable((request, response) -> TRAIL.workUntilInterrupted()))
                .get("/client", Hangup.cancellable(request ->
                        ClientAddress.of(request)
                                .map(ClientAddress::network).orElse("none")));
    }
}
