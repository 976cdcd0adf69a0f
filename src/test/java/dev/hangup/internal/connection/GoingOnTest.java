package dev.hangup.internal.connection;

import java.nio.charset.StandardCharsets;
import java.util.Random;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** When the work has won, its connection goes on: nothing that was read ahead is lost, doubled or out of order. */
class GoingOnTest {
    private static final int[] SIZES = {0, 1, 1023, 16 * 1024, 16 * 1024 + 1, 64 * 1024, 250_000, 1024 * 1024};

    private final Random random = new Random(42);

    @ParameterizedTest
    @EnumSource
    void withRequestsInARow(Transport transport) {
        try (TestServer server = TestServer.start(transport, GoingOnTest::computing); RawClient client = server.connect()) {
            oneByOne(client, 1000);
        }
    }

    @ParameterizedTest
    @EnumSource
    void withRequestsInARowOfPathsByConfiguration(Transport transport) {
        try (TestServer server = TestServer.start(transport, GoingOnTest::allPaths, GoingOnTest::unaware);
                RawClient client = server.connect()) {
            oneByOne(client, 300);
        }
    }

    @ParameterizedTest
    @EnumSource
    void withPipelinedRequests(Transport transport) {
        try (TestServer server = TestServer.start(transport, GoingOnTest::computing); RawClient client = server.connect()) {
            byte[] body = bytes(1023);
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                requests.append(i % 3 == 0 ? head("GET", "/number?n=" + i, "")
                        : head("POST", i % 3 == 1 ? "/body" : "/ignored?n=" + i, length(body)) + latin(body));
            }
            client.send(requests.toString());
            for (int i = 0; i < 100; i++) {
                byte[] expected = i % 3 == 1 ? body : String.valueOf(i).getBytes(StandardCharsets.US_ASCII);
                assertArrayEquals(expected, client.read().body(), "answer " + i);
            }
            for (int i = 0; i < 100; i++) {
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void withBodiesOfAnySize(Transport transport) {
        try (TestServer server = TestServer.start(transport, GoingOnTest::computing); RawClient client = server.connect()) {
            bodies(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void withBodiesOfAnySizeOnPathsByConfiguration(Transport transport) {
        try (TestServer server = TestServer.start(transport, GoingOnTest::allPaths, GoingOnTest::unaware);
                RawClient client = server.connect()) {
            bodies(client);
        }
    }

    @ParameterizedTest
    @EnumSource
    void withBodiesOverTheBound(Transport transport) {
        try (TestServer server = TestServer.start(transport,
                                                  hangup -> hangup.readAhead(64 * 1024).readAheadTotal(64 * 1024),
                                                  GoingOnTest::computing);
                RawClient client = server.connect()) {
            bodies(client);
        }
    }

    private void oneByOne(RawClient client, int times) {
        byte[] body = bytes(1023);
        for (int i = 0; i < times; i++) {
            client.get("/number?n=" + i);
            assertEquals(String.valueOf(i), client.read().text());
            if (i % 10 == 0) {
                client.send(head("POST", "/ignored?n=" + i, length(body))).send(body);
                assertEquals(String.valueOf(i), client.read().text());
                client.send(head("POST", "/body", length(body))).send(body);
                assertArrayEquals(body, client.read().body());
            }
            if (i % 50 == 0) {
                client.get("/plain?n=" + i);
                assertEquals(String.valueOf(i), client.read().text());
            }
        }
    }

    /** Of each size, framed either way, sent in pieces of any size; read in the computation, and left unread. */
    private void bodies(RawClient client) {
        for (int size : SIZES) {
            byte[] body = bytes(size);
            client.send(head("POST", "/body", length(body)));
            inPieces(client, body, false);
            assertArrayEquals(body, client.read().body(), size + " bytes");

            client.send(head("POST", "/body", "Transfer-Encoding: chunked\r\n"));
            inPieces(client, body, true);
            assertArrayEquals(body, client.read().body(), size + " bytes in chunks");

            client.send(head("POST", "/ignored?n=" + size, "Transfer-Encoding: chunked\r\n"));
            inPieces(client, body, true);
            assertEquals(String.valueOf(size), client.read().text());

            client.send(head("POST", "/ignored?n=" + size, length(body)));
            inPieces(client, body, false);
            assertEquals(String.valueOf(size), client.read().text());
        }
    }

    private void inPieces(RawClient client, byte[] body, boolean chunked) {
        for (int sent = 0; sent < body.length;) {
            int length = Math.min(1 + random.nextInt(Math.max(1, body.length / 3)), body.length - sent);
            String piece = new String(body, sent, length, StandardCharsets.ISO_8859_1);
            client.send(chunked ? Integer.toHexString(length) + "\r\n" + piece + "\r\n" : piece);
            sent += length;
        }
        if (chunked) {
            client.send("0\r\n\r\n");
        }
    }

    private byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    private static String head(String method, String path, String headers) {
        return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
    }

    private static String length(byte[] body) {
        return "Content-Length: " + body.length + "\r\n";
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void allPaths(HangupConfig.Builder hangup) {
        hangup.addPath(HangupPathConfig.builder().path("/*").build());
    }

    private static void computing(HttpRouting.Builder routing) {
        routing.any("/number", Hangup.cancellable(request -> request.query().get("n")))
                .any("/ignored", Hangup.cancellable(request -> request.query().get("n")))
                .any("/body", Hangup.cancellable(GoingOnTest::body))
                .any("/plain", number());
    }

    private static void unaware(HttpRouting.Builder routing) {
        routing.any("/number", number())
                .any("/ignored", number())
                .any("/plain", number())
                .any("/body", (request, response) -> response.send(body(request)));
    }

    private static byte[] body(ServerRequest request) {
        // Helidon says "No entity" to one of length 0
        return request.content().hasEntity() ? request.content().as(byte[].class) : new byte[0];
    }

    private static Handler number() {
        return (request, response) -> response.send(request.query().get("n"));
    }
}
