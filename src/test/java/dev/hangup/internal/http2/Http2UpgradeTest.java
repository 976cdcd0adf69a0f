package dev.hangup.internal.http2;

import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.LoggingLimit;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The request that asks for an upgrade begins with the client's SETTINGS, and is then a request like the others. */
class Http2UpgradeTest {
    private static final int FRAME_HEADER = 9;
    private static final int TYPE = 3;
    private static final int GOAWAY = 7;
    private static final int PING = 6;
    private static final int PROTOCOL_ERROR = 1;
    private static final int REFUSED_STREAM = 7;

    private final Trail trail = new Trail();

    @Test
    void connectionOfAClientThatSaysNothingMoreIsIdle() {
        try (TestServer server = start(it -> it.idleConnectionTimeout(Duration.ofSeconds(1))
                .idleConnectionPeriod(Duration.ofMillis(50)));
                RawClient client = Http2Opening.requestUpgrade(server.port(), "/quick")) {
            client.readToEnd();
            assertEquals(List.of(), trail.events());
        }
    }

    /** Helidon has it from the SETTINGS on, and not before. */
    /** A proxy may have removed what {@code Connection} names, and not {@code Upgrade} (RFC 7540, 3.2; RFC 9110, 7.8). */
    @ParameterizedTest
    @ValueSource(strings = {"Connection: Upgrade, HTTP2-Settings", "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: !",
            "Connection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAAA", "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA"})
    void requestThatDoesNotAskForAnUpgradeIsServedAsItIs(String fields) {
        try (TestServer server = start(it -> { }); RawClient client = server.connect()) {
            client.get("/quick", "Upgrade: h2c\r\n", fields + "\r\n");
            assertEquals("quick", client.read().text());
            assertEquals("quick", client.get("/quick").read().text());
        }
    }

    @Test
    @Tag("departure")
    void requestMayBeResetInTheSegmentOfTheSettings() {
        try (TestServer server = start(it -> { });
                Http2Client client = Http2Client.upgraded(Http2Opening.requestUpgrade(server.port(), "/work"),
                                                          Http2Client.reset(1))) {
            assertEquals(Outcome.DISCONNECTED, server.nextEnd(it -> it.route().startsWith("/work")).outcome());
            assertEquals("quick", client.answer(client.get("/quick")).text());
        }
    }

    @Test
    @Tag("departure")
    void requestMayBeResetBehindAnother() {
        try (TestServer server = start(it -> { });
                Http2Client client = Http2Client.upgraded(Http2Opening.requestUpgrade(server.port(), "/work"),
                                                          Http2Client.headers(3, "GET", "/quick", true), Http2Client.reset(1))) {
            assertEquals("quick", client.answer(3).text());
            assertEquals(Outcome.DISCONNECTED, server.nextEnd(it -> it.route().startsWith("/work")).outcome());
        }
    }

    /** RFC 9113, 3.4. Helidon would run a request with a greater number first, and then refuse this one. */
    @Test
    void firstFrameOfTheClientMustBeItsSettings() {
        String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        for (byte[] first : List.of(Http2Client.headers(1, "GET", "/quick", true), Http2Client.headers(3, "GET", "/quick", true),
                                    Http2Client.frame(PING, 0, 0, new byte[8]), Http2Client.frame(4, 1, 0, new byte[0]))) {
            try (TestServer server = start(it -> { });
                    RawClient client = Http2Opening.requestUpgrade(server.port(), "/quick")) {
                client.send(preface);
                client.send(first);
                assertEquals(PROTOCOL_ERROR, awaitGoAway(client).charAt(7));
            }
        }
        assertEquals(List.of(), trail.events());
    }

    /** The client is told that its request was not processed, and may repeat it. */
    @Test
    void requestHasNotBegunIfTheServerStopsBeforeTheSettings() throws InterruptedException {
        try (TestServer server = start(it -> it.shutdownGracePeriod(Duration.ofMinutes(1)));
                RawClient client = Http2Opening.requestUpgrade(server.port(), "/work")) {
            // the server's SETTINGS, so that its connection has begun
            String settings = client.read(FRAME_HEADER);
            client.read(settings.charAt(2));
            Thread stop = Thread.startVirtualThread(server::close);
            assertEquals("\0\0\0\0", awaitGoAway(client).substring(0, 4), "last stream");
            client.close();
            stop.join();
        }
        assertEquals(List.of(), trail.events());
    }

    /** The same, if the client's first frames, which would begin it, were under way when the client was told. */
    @Test
    void requestDoesNotBeginOnceTheServerHasStopped() throws InterruptedException {
        List<byte[][]> firsts = List.of(new byte[][] {}, new byte[][] {Http2Client.settings(4, 70_000)},
                                        new byte[][] {Http2Client.headers(3, "GET", "/work", true)},
                                        new byte[][] {Http2Client.reset(1), Http2Client.windowUpdate(0, 1)});
        for (byte[][] behindSettings : firsts) {
            boolean refused = false;
            // on a slow machine, the connection may have ended before its client says more
            for (int attempt = 0; !refused && attempt < 10; attempt++) {
                refused = stopsAndRefuses(behindSettings);
            }
            assertTrue(refused, "The stream was never reset");
        }
        assertEquals(List.of(), trail.events());
    }

    private boolean stopsAndRefuses(byte[][] behindSettings) throws InterruptedException {
        try (TestServer server = start(it -> it.shutdownGracePeriod(Duration.ofMinutes(1)));
                RawClient socket = Http2Opening.requestUpgrade(server.port(), "/work")) {
            String settings = socket.read(FRAME_HEADER);
            socket.read(settings.charAt(2));
            Thread stop = Thread.startVirtualThread(server::close);
            assertEquals("\0\0\0\0", awaitGoAway(socket).substring(0, 4), "last stream");
            boolean refused;
            try (Http2Client client = Http2Client.upgraded(socket, behindSettings)) {
                client.awaitEnd();
                refused = client.wasReset(1);
                if (refused) {
                    assertEquals(REFUSED_STREAM, client.awaitReset(1));
                }
                assertEquals(-1, client.goAwayLastStream(), "last stream of another GOAWAY");
            }
            stop.join();
            return refused;
        }
    }

    @Test
    void requestHasAPermit() {
        try (TestServer server = start(it -> it.concurrencyLimit(new RecordingLimit(trail)));
                Http2Client client = Http2Opening.upgrade(server.port(), "/quick")) {
            assertEquals("quick", client.answer(1).text());
            trail.await("success");
            assertEquals(List.of("acquired", "quick", "success"), trail.events());
        }
    }

    @Test
    @Tag("departure")
    void departureIsIgnored() {
        try (TestServer server = start(it -> it.concurrencyLimit(new RecordingLimit(trail)));
                Http2Client client = Http2Opening.upgrade(server.port(), "/work")) {
            trail.await("started");
            client.send(Http2Client.reset(1));
            trail.await("ignore");
            assertEquals(List.of("acquired", "started", "interrupted", "ignore"), trail.events());
        }
    }

    @Test
    void responseWithoutARouteIsIgnored() {
        try (TestServer server = start(it -> it.concurrencyLimit(new RecordingLimit(trail)));
                Http2Client client = Http2Opening.upgrade(server.port(), "/none")) {
            assertEquals(404, client.answer(1).status());
            trail.await("ignore");
        }
    }

    @Test
    void requestWaitsForItsPermit() {
        try (TestServer server = start(it -> it.concurrencyLimit(new LoggingLimit(onePermit(10), trail)));
                Http2Client first = Http2Opening.upgrade(server.port(), "/long")) {
            trail.await("started");
            try (Http2Client second = Http2Opening.upgrade(server.port(), "/quick")) {
                trail.await("asked", 2);
                trail.add("first may end");
                assertEquals("quick", second.answer(1).text());
                assertEquals(200, first.answer(1).status());
            }
            assertEquals(List.of("asked", "let in", "started", "asked", "first may end", "released", "let in", "quick"),
                         trail.events());
        }
    }

    @Test
    @Tag("departure")
    void clientThatLeavesTheQueueGivesUpItsPlace() {
        try (TestServer server = start(it -> it.concurrencyLimit(new LoggingLimit(onePermit(10), trail)));
                Http2Client first = Http2Opening.upgrade(server.port(), "/long")) {
            trail.await("started");
            try (Http2Client second = Http2Opening.upgrade(server.port(), "/quick")) {
                trail.await("asked", 2);
                second.socket().leave();
                trail.await("turned away");
            }
            trail.add("first may end");
            assertEquals(200, first.answer(1).status());
        }
    }

    @Test
    void requestWithoutAPermitIsRefused() {
        try (TestServer server = start(it -> it.concurrencyLimit(onePermit(0)));
                Http2Client first = Http2Opening.upgrade(server.port(), "/long")) {
            trail.await("started");
            try (Http2Client second = Http2Opening.upgrade(server.port(), "/quick")) {
                assertEquals(503, second.answer(1).status());
                assertEquals(503, second.answer(second.get("/quick")).status());
            }
            trail.add("first may end");
            assertEquals(200, first.answer(1).status());
        }
    }

    @Test
    void requestCountsForTheCarrierGuard() {
        try (TestServer server = start(it -> { })) {
            long before = CarrierGuard.requestsInFlight();
            try (Http2Client client = Http2Opening.upgrade(server.port(), "/long")) {
                trail.await("started");
                assertEquals(before + 1, CarrierGuard.requestsInFlight());
                trail.add("first may end");
                assertEquals(200, client.answer(1).status());
                Await.until("it is over", () -> CarrierGuard.requestsInFlight() == before);
            }
        }
    }

    /** No code is notified of the response, so that the end of the request itself must be noticed. */
    @Test
    void requestThatFailsBehindItsFirstPartHasEnded() {
        try (TestServer server = start(it -> { });
                Http2Client client = Http2Opening.upgrade(server.port(), "/begun-then-throws")) {
            Await.until("the client is watched", () -> Usage.readers() > 0);
            trail.add("watched");
            client.awaitBytes(1, 1);
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.FAILED, end.outcome());
            assertEquals(0, server.hangup().inFlight().size());
        }
    }

    /** The payload of the first GOAWAY. */
    private static String awaitGoAway(RawClient client) {
        while (true) {
            String header = client.read(FRAME_HEADER);
            String payload = client.read(header.charAt(1) << 8 | header.charAt(2));
            if (header.charAt(TYPE) == GOAWAY) {
                assertTrue(payload.length() >= 8, header);
                return payload;
            }
        }
    }

    private static Limit onePermit(int queue) {
        return FixedLimit.builder().permits(1).queueLength(queue).queueTimeout(Duration.ofMinutes(1)).build();
    }

    private TestServer start(Consumer<WebServerConfig.Builder> server) {
        return TestServer.start(server, hangup -> { }, this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing
                .get("/long", Hangup.cancellable((request, response) -> {
                    trail.ignoreInterruptsUntil("first may end");
                    response.send();
                }))
                .get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .get("/begun-then-throws", Hangup.cancellable((request, response) -> {
                    trail.await("watched");
                    OutputStream stream = response.outputStream();
                    stream.write(1);
                    stream.flush();
                    throw new IllegalStateException("behind the first part");
                }))
                .get("/quick", Hangup.cancellable(request -> {
                    trail.add("quick");
                    return "quick";
                }));
    }
}
