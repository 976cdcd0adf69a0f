package dev.hangup.internal.http1;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.common.buffers.BufferData;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Helidon's WebSocket on a server with Hangup: each frame arrives when the client sends it. */
class WebSocketTest {
    private static final String UPGRADE = "GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    private static final int TEXT = 0x81;
    private static final int CLOSE = 0x88;
    private static final int PING = 0x89;
    private static final int PONG = 0x8a;

    @ParameterizedTest
    @EnumSource
    void messagesAreAnsweredOneByOne(Transport transport) {
        try (TestServer server = start(transport); RawClient client = upgraded(transport, server)) {
            for (String message : new String[] {"first", "", "second", "the last one"}) {
                client.send(frame(TEXT, message));
                assertEquals(message, read(client, TEXT));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void messageMayFollowTheUpgradeAtOnce(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            client.send(UPGRADE + new String(frame(TEXT, "at once"), StandardCharsets.ISO_8859_1));
            assertUpgraded(client);
            assertEquals("at once", read(client, TEXT));
        }
    }

    @ParameterizedTest
    @EnumSource
    void pingIsAnswered(Transport transport) {
        try (TestServer server = start(transport); RawClient client = upgraded(transport, server)) {
            client.send(frame(PING, "there?"));
            assertEquals("there?", read(client, PONG));
        }
    }

    @ParameterizedTest
    @EnumSource
    void closeIsAnswered(Transport transport) {
        try (TestServer server = start(transport); RawClient client = upgraded(transport, server)) {
            client.send(frame(TEXT, "last"));
            assertEquals("last", read(client, TEXT));
            // 1000: normal closure
            client.send(frame(CLOSE, "\u0003\u00e8"));
            assertTrue(read(client, CLOSE).startsWith("\u0003\u00e8"));
            assertArrayEquals(new byte[0], client.readToEnd());
        }
    }

    @ParameterizedTest
    @EnumSource
    void upgradeMayFollowARequestOfItsConnection(Transport transport) {
        try (TestServer server = start(transport); RawClient client = transport.connect(server.port())) {
            client.get("/work");
            assertEquals("worked", client.read().text());
            client.send(UPGRADE);
            assertUpgraded(client);
            client.send(frame(TEXT, "hello"));
            assertEquals("hello", read(client, TEXT));
        }
    }

    /** Nor is it one to Hangup: {@code Connection} does not name the upgrade (RFC 9110, 7.8). */
    @Test
    void requestThatDoesNotAskForTheUpgradeIsOneOfItsPath() {
        try (TestServer server = TestServer.start(
                it -> it.addRouting(WsRouting.builder().endpoint("/echo", new Echo())),
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/echo").deadline(Duration.ofMillis(50)).build()),
                routing -> routing.get("/echo", (request, response) -> Thread.sleep(Await.TIME)));
                RawClient client = server.connect()) {
            client.send(UPGRADE.replace("Connection: Upgrade\r\n", ""));
            assertEquals(503, client.read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    private static RawClient upgraded(Transport transport, TestServer server) {
        RawClient client = transport.connect(server.port()).send(UPGRADE);
        assertUpgraded(client);
        return client;
    }

    private static void assertUpgraded(RawClient client) {
        String head = client.readHead();
        assertTrue(head.startsWith("HTTP/1.1 101 "), head);
    }

    /** A frame of a client, masked with zeros, so that no byte of it is a line feed (RFC 6455, 5.2). */
    private static byte[] frame(int type, String payload) {
        BufferData frame = BufferData.growing(32);
        frame.write(type);
        frame.write(0x80 | payload.length());
        frame.write(new byte[4]);
        frame.write(payload.getBytes(StandardCharsets.ISO_8859_1));
        return frame.readBytes();
    }

    private static String read(RawClient client, int type) {
        String head = client.read(2);
        assertEquals(type, head.charAt(0), "type of the frame");
        return client.read(head.charAt(1));
    }

    private static TestServer start(Transport transport) {
        return TestServer.start(server -> {
            transport.configure(server);
            server.addRouting(WsRouting.builder().endpoint("/echo", new Echo()));
        }, hangup -> { }, WebSocketTest::routing);
    }

    private static void routing(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable(request -> "worked"));
    }

    private static final class Echo implements WsListener {
        @Override
        public void onMessage(WsSession session, String text, boolean last) {
            session.send(text, last);
        }

        @Override
        public void onPing(WsSession session, BufferData payload) {
            session.pong(payload);
        }
    }
}
