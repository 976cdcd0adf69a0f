package dev.hangup.internal.connection;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Behind a proxy that says, before all else, whom it speaks for. */
class ProxyProtocolTest {
    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void requestKnowsWhomTheProxySpeaksFor(Version version) {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send(version.preface);
            for (int i = 0; i < 3; i++) {
                assertEquals("192.0.2.7:4711 192.0.2.7:4711", client.get("/source").read().text());
            }
        }
    }

    /** Helidon reads the proxy's words from the channel, and so past the socket that is watched. */
    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void departureIsNoticed(Version version) {
        stops(version, Transport.CLEAR, RawClient::leave);
        stops(version, Transport.CLEAR_WITHOUT_NIO, RawClient::reset);
    }

    private void stops(Version version, Transport transport, Consumer<RawClient> leave) {
        Trail work = new Trail();
        try (TestServer server = TestServer.start(config -> proxied(transport, config), hangup -> { }, routing ->
                routing.get("/work", Hangup.cancellable((request, response) -> work.workUntilInterrupted())));
                RawClient client = server.connect()) {
            client.send(version.preface).get("/work");
            work.await("started");
            leave.accept(client);
            work.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private TestServer start(Transport transport) {
        return TestServer.start(config -> proxied(transport, config), hangup -> { }, this::routing);
    }

    private static void proxied(Transport transport, WebServerConfig.Builder config) {
        transport.configure(config);
        config.enableProxyProtocol(true);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/source", Hangup.cancellable(ProxyProtocolTest::source));
    }

    private static String source(ServerRequest request) {
        return request.proxyProtocolData().map(it -> it.sourceAddress() + ":" + it.sourcePort()).orElse("none") + " "
                + request.headers().get(HeaderNames.X_FORWARDED_FOR).get() + ":"
                + request.headers().get(HeaderNames.X_FORWARDED_PORT).get();
    }

    private enum Version {
        TEXT("PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n".getBytes(StandardCharsets.US_ASCII)),
        BINARY(ByteBuffer.allocate(28)
                       .put("\r\n\r\n\0\r\nQUIT\n".getBytes(StandardCharsets.US_ASCII))
                       .put((byte) 0x21)
                       .put((byte) 0x11)
                       .putShort((short) 12)
                       .put(new byte[] {(byte) 192, 0, 2, 7, (byte) 192, 0, 2, 1})
                       .putShort((short) 4711)
                       .putShort((short) 80)
                       .array());

        private final byte[] preface;

        Version(byte[] preface) {
            this.preface = preface;
        }
    }
}
