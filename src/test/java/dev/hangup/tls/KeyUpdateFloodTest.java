package dev.hangup.tls;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A client that sends KeyUpdates without an end, each requesting one in return, loses its connection before the answers that
 * wait in the engine use up the memory. At 1.4 KB each, they would be 280 MB.
 */
class KeyUpdateFloodTest {
    private static final int UPDATES = 200_000;
    private static final int AT_ONCE = 100;
    private static final String WORK = "GET /work HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final String NUMBER = "GET /number HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static final byte[] HTTP2 = HexFormat.of().parseHex(hex("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + "000000040000000000");
    /** The headers of {@code GET https://localhost/work}, as stream 1. */
    private static final byte[] HTTP2_WORK = HexFormat.of().parseHex(
            "000014" + "01" + "05" + "00000001" + "8287" + "0405" + hex("/work") + "0109" + hex("localhost"));

    private static FloodedTlsServer server;

    @BeforeAll
    static void start() throws IOException {
        server = FloodedTlsServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void endsAConnectionBeforeItsFirstRequest() throws Exception {
        idle(client -> { });
    }

    @Test
    void endsAnIdleConnection() throws Exception {
        idle(client -> assertAnswered(client));
    }

    @Test
    void endsAnIdleConnectionOfHttp2() throws Exception {
        idle(client -> client.send(HTTP2));
    }

    @Test
    void endsARequestInFlight() throws Exception {
        inFlight(client -> client.send(WORK), KeyUpdateFloodTest::flood);
    }

    @Test
    void endsAStreamInFlight() throws Exception {
        inFlight(client -> client.send(HTTP2).send(HTTP2_WORK), KeyUpdateFloodTest::flood);
    }

    @Test
    void endsAConnectionWhoseRecordsHoldThousandsEach() throws Exception {
        inFlight(client -> client.send(WORK), client -> {
            boolean connected = true;
            for (int i = 0; connected && i < UPDATES / Tls13Client.PACKED; i++) {
                connected = sent(client, client.packedKeyUpdates());
            }
        });
    }

    private static void idle(Consumer<Tls13Client> opening) throws Exception {
        try (Tls13Client client = Tls13Client.connect(server.port())) {
            opening.accept(client);
            flood(client);
            client.awaitEnd();
        }
        assertGoesOn();
    }

    private static void inFlight(Consumer<Tls13Client> opening, Consumer<Tls13Client> flood) throws Exception {
        try (Tls13Client client = Tls13Client.connect(server.port())) {
            opening.accept(client);
            assertEquals("began", server.nextEvent());
            flood.accept(client);
            assertEquals("ended DISCONNECTED", server.nextEvent());
            client.awaitEnd();
        }
        assertGoesOn();
    }

    private static void flood(Tls13Client client) {
        boolean connected = true;
        for (int i = 0; connected && i < UPDATES; i += AT_ONCE) {
            ByteArrayOutputStream records = new ByteArrayOutputStream();
            for (int j = 0; j < AT_ONCE; j++) {
                records.writeBytes(client.keyUpdate(true));
            }
            connected = sent(client, records.toByteArray());
        }
    }

    private static boolean sent(Tls13Client client, byte[] records) {
        try {
            client.raw(records);
            return true;
        } catch (UncheckedIOException e) {
            // the server has ended it
            return false;
        }
    }

    private static void assertGoesOn() {
        try (Tls13Client other = Tls13Client.connect(server.port())) {
            assertAnswered(other);
        }
    }

    private static void assertAnswered(Tls13Client client) {
        String answer = client.send(NUMBER).receiveUntil("42");
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }
}
