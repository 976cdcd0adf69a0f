package dev.hangup.internal.http2;

import java.util.Set;
import java.util.function.Consumer;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Where Hangup judges no frames, Helidon does, by the limits that are configured. */
class UnwatchedHttp2Test {
    private static final Http2Config ONE_STREAM = Http2Config.builder().maxConcurrentStreams(1).build();
    private static final int REFUSED_STREAM = 7;

    private final Trail trail = new Trail();

    @AfterEach
    void release() {
        trail.add("release");
    }

    @ParameterizedTest
    @EnumSource(names = {"PRIOR_KNOWLEDGE", "UPGRADE"})
    void socketThatIsNotNamedHasHelidonsLimits(Http2Opening opening) {
        try (TestServer server = TestServer.start(config -> config.putSocket("other", this::configure),
                                                  hangup -> hangup.sockets(Set.of("@default")), this::routing);
                Http2Client client = opening.connect(server.server().port("other"))) {
            assertLimited(client, opening);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"PRIOR_KNOWLEDGE", "UPGRADE"})
    void serverWithoutHangupHasHelidonsLimits(Http2Opening opening) {
        WebServer server = WebServer.builder().host("localhost").shutdownHook(false).featuresDiscoverServices(false)
                .update(this::configure).build().start();
        try (Http2Client client = opening.connect(server.port())) {
            assertLimited(client, opening);
        } finally {
            trail.add("release");
            server.stop();
        }
    }

    /** The sockets of this kind cannot be watched. */
    @Test
    void tlsWithoutNioHasHelidonsLimits() {
        Consumer<WebServerConfig.Builder> withoutNio = config -> {
            Http2Opening.ALPN.configure(config);
            config.useNio(false).update(this::configure);
        };
        try (TestServer server = TestServer.start(withoutNio, hangup -> hangup.watch(false), this::routing);
                Http2Client client = Http2Opening.ALPN.connect(server.port())) {
            assertLimited(client, Http2Opening.ALPN);
        }
    }

    /** Helidon 4.5.0 ends the connection of a client that opens a stream too many. */
    private void assertLimited(Http2Client client, Http2Opening opening) {
        if (opening != Http2Opening.UPGRADE) {
            client.get("/wait");
        }
        trail.await("waits");
        client.get("/second");
        assertEquals(REFUSED_STREAM, client.awaitGoAway());
    }

    private void configure(ListenerConfig.BuilderBase<?, ?> listener) {
        listener.addProtocol(ONE_STREAM).routing(this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/second", (request, response) -> response.send("second"))
                .any((request, response) -> {
                    trail.add("waits");
                    trail.await("release");
                    response.send("waited");
                });
    }
}
