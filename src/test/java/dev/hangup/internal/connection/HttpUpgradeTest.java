package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.Locale;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A connection that becomes one of another protocol belongs to that, whatever was read ahead of it. */
class HttpUpgradeTest {
    private static final int LENGTH = 1024 * 1024;
    private static final String UPGRADE = "GET /shout HTTP/1.1\r\nHost: localhost\r\n"
            + "Connection: Upgrade\r\nUpgrade: shout\r\n\r\n";

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void bytesInBothDirectionsAreTheProtocols(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            speaks(client.send(UPGRADE));
        }
    }

    @ParameterizedTest
    @EnumSource
    void bytesOfTheSameSegmentAreTheProtocols(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            client.send(UPGRADE + "first");
            assertUpgraded(client);
            assertEquals("FIRST", client.read(5));
        }
    }

    /** The reader is still in its read when the protocol begins. */
    @ParameterizedTest
    @EnumSource
    void requestThatWasWatchedMayComeBefore(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            client.get("/work");
            Await.until("the client is watched", () -> Usage.readers() > 0);
            trail.add("watched");
            assertEquals("worked", client.read().text());
            speaks(client.send(UPGRADE));
        }
    }

    /** What was read ahead of the request's end is the protocol's first word. */
    @ParameterizedTest
    @EnumSource
    void upgradeMayBeReadAheadWithWhatFollowsIt(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            client.get("/work");
            client.send(UPGRADE + "first");
            Await.until("the client is watched", () -> Usage.readers() > 0);
            trail.add("watched");
            assertEquals("worked", client.read().text());
            assertUpgraded(client);
            assertEquals("FIRST", client.read(5));
            client.send("second");
            assertEquals("SECOND", client.read(6));
        }
    }

    @Test
    void refusedUpgradeIsARequest() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            trail.add("watched");
            client.send(UPGRADE.replace("/shout", "/work"));
            assertEquals("worked", client.read().text());
        }
    }

    @Test
    void endOfTheConnectionIsTheProtocols() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.send(UPGRADE);
            assertUpgraded(client);
            client.leave();
            trail.await("left");
            Await.until("the connection's threads are gone", () -> Usage.connectionThreads() == 0);
        }
    }

    /** The stall limit is one for responses. */
    @Test
    void clientMayTakeNothingOfTheProtocol() {
        Duration limit = Duration.ofMillis(400);
        try (TestServer server = TestServer.start(config -> {
            SlowReader.configure(config);
            config.addProtocol(new Shout.Config(trail));
        }, hangup -> hangup.stallLimit(limit), this::routing);
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            trail.add("watched");
            assertEquals("worked", client.get("/work").read().text());
            assertUpgraded(client.send(UPGRADE));
            String text = "abcdefgh".repeat(LENGTH / 8);
            Thread.startVirtualThread(() -> client.send(text));
            SlowReader.pause((int) limit.multipliedBy(4).toMillis());
            assertEquals(text.toUpperCase(Locale.ROOT), client.read(LENGTH));
        }
    }

    private void speaks(RawClient client) {
        assertUpgraded(client);
        String text = "abcdefgh".repeat(LENGTH / 8);
        Thread.startVirtualThread(() -> client.send(text));
        assertEquals(text.toUpperCase(Locale.ROOT), client.read(LENGTH));
    }

    private static void assertUpgraded(RawClient client) {
        String head = client.readHead();
        assertTrue(head.startsWith("HTTP/1.1 101 "), head);
        assertEquals("HELLO", client.read(5));
    }

    private TestServer start(Transport transport) {
        return TestServer.start(server -> {
            transport.configure(server);
            server.addProtocol(new Shout.Config(trail));
        }, hangup -> { }, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable(request -> {
            trail.await("watched");
            return "worked";
        }));
    }
}
