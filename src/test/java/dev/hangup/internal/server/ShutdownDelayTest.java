package dev.hangup.internal.server;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.ScarceJvm;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.websocket.WsRouting;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A server whose JVM has begun to shut down goes on serving for a while, is not ready, and asks its clients to leave. */
class ShutdownDelayTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final int FRAME_HEADER = 9;
    private static final int TYPE = 3;
    private static final int SETTINGS = 4;

    private final Trail trail = new Trail();

    @Test
    void serverThatIsToEndServesIsNotReadyAndAsksClientsToLeave() throws Exception {
        try (ScarceJvm jvm = ScarceJvm.start(ShutdownDelayTest.class, "-Dshutdown-delay=PT1H")) {
            int port = jvm.number(Pattern.compile("^port (\\d+)$"));
            int operators = jvm.number(Pattern.compile("^operators (\\d+)$"));
            try (RawClient kept = RawClient.connect(port);
                    Http2Client multiplexed = Http2Client.over(RawClient.connect(port))) {
                assertNotEquals("close", kept.get("/work").read().headers().get("connection"));
                assertEquals(200, multiplexed.answer(multiplexed.get("/work")).status());
                assertEquals(204, ready(operators));

                jvm.interrupt();
                Await.until("it is not ready", () -> ready(operators) == 503);
                assertAsksToLeave(kept);
                try (RawClient late = RawClient.connect(port)) {
                    assertAsksToLeave(late);
                }
                int stream = multiplexed.get("/work");
                assertEquals(200, multiplexed.answer(stream).status());
                assertEquals(0, multiplexed.awaitGoAway());
                assertEquals(503, ready(operators));
            }
        }
    }

    /** Helidon runs the handlers of both one after the other. */
    @Test
    void delaysOfAllFeaturesBeginAtTheSameTime() throws Exception {
        try (ScarceJvm jvm = ScarceJvm.start(ShutdownDelayTest.class, "-Dshutdown-delay=PT1H", "-Dothers-delay=PT1H")) {
            int port = jvm.number(Pattern.compile("^port (\\d+)$"));
            int other = jvm.number(Pattern.compile("^other (\\d+)$"));
            jvm.interrupt();
            Await.until("both ask their clients to leave", () -> asksToLeave(port) && asksToLeave(other));
        }
    }

    /** No response may announce the end of a connection that goes on, and HTTP/2 begins with SETTINGS (RFC 9113, 3.4). */
    @Test
    void serverThatIsToEndSwitchesProtocols() throws Exception {
        try (ScarceJvm jvm = ScarceJvm.start(ShutdownDelayTest.class, "-Dshutdown-delay=PT1H")) {
            int port = jvm.number(Pattern.compile("^port (\\d+)$"));
            int operators = jvm.number(Pattern.compile("^operators (\\d+)$"));
            assertEquals(204, ready(operators));
            jvm.interrupt();
            Await.until("it is not ready", () -> ready(operators) == 503);

            try (RawClient socket = RawClient.connect(port)) {
                socket.get("/echo", "Connection: Upgrade\r\n", "Upgrade: websocket\r\n", "Sec-WebSocket-Version: 13\r\n",
                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
                String head = socket.readHead();
                assertTrue(head.startsWith("HTTP/1.1 101 "), head);
                assertFalse(head.toLowerCase(Locale.ROOT).contains("close"), head);
                // the end of a text that is masked with zeros
                socket.send(new byte[] {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'});
                assertEquals("hi", socket.read(4).substring(2));
            }
            RawClient socket = Http2Opening.requestUpgrade(port, "/work");
            String frame = socket.read(FRAME_HEADER);
            assertEquals(SETTINGS, frame.charAt(TYPE), "type of the first frame");
            socket.read(frame.charAt(TYPE - 1));
            try (Http2Client client = Http2Client.upgraded(socket)) {
                assertEquals(200, client.answer(1).status());
                assertEquals(0, client.awaitGoAway());
            }
        }
    }

    @Test
    void serverEndsWhenItsTimeHasPassed() throws Exception {
        try (ScarceJvm jvm = ScarceJvm.start(ShutdownDelayTest.class, "-Dshutdown-delay=PT0.3S")) {
            jvm.number(Pattern.compile("^port (\\d+)$"));
            jvm.interrupt();
            assertEquals(128 + 15, jvm.exitCode());
        }
    }

    @Test
    void serverThatIsStoppedByCodeStopsAtOnce() {
        TestServer.start(hangup -> hangup.shutdownDelay(LONG), ShutdownDelayTest::route).close();
    }

    @Test
    void timeEndsWhenTheServerIsStoppedMeanwhile() throws Exception {
        try (TestServer server = TestServer.start(ShutdownDelayTest::route)) {
            Readiness readiness = new Readiness(() -> { });
            readiness.started(server.server());
            ShutdownDelay shutdownDelay = new ShutdownDelay(LONG, readiness, () -> trail.add("ending"));
            shutdownDelay.register();
            Thread shutdown = Thread.startVirtualThread(shutdownDelay::shutdown);
            Await.until("it is not ready", () -> Readiness.reason().isPresent());
            Await.untilBlocked(shutdown);
            assertEquals(List.of("ending"), trail.events());
            shutdownDelay.end();
            shutdown.join();
        }
    }

    @Test
    void serverThatWasNotReadyBeforeIsGivenNoTime() {
        try (TestServer server = TestServer.start(ShutdownDelayTest::route)) {
            Readiness readiness = new Readiness(() -> { });
            readiness.started(server.server());
            readiness.ended("lost");
            ShutdownDelay shutdownDelay = new ShutdownDelay(LONG, readiness, () -> trail.add("ending"));
            shutdownDelay.register();
            shutdownDelay.shutdown();
            shutdownDelay.end();
        }
    }

    private static void assertAsksToLeave(RawClient client) {
        RawClient.Response response = client.get("/work").read();
        assertEquals(200, response.status());
        assertEquals("close", response.headers().get("connection"));
        assertEquals("", new String(client.readToEnd()));
    }

    private static boolean asksToLeave(int port) {
        try (RawClient client = RawClient.connect(port)) {
            return "close".equals(client.get("/work").read().headers().get("connection"));
        }
    }

    private static int ready(int port) {
        try (RawClient probe = RawClient.connect(port)) {
            return probe.get("/observe/health/ready").read().status();
        }
    }

    private static void route(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable(request -> "done"));
    }

    /** In the other JVM. */
    public static void main(String[] arguments) {
        WebServer server = WebServer.builder()
                .host("localhost")
                .featuresDiscoverServices(false)
                .addFeature(feature(WebServer.DEFAULT_SOCKET_NAME, System.getProperty("shutdown-delay")))
                .addFeature(feature("other", System.getProperty("others-delay", "PT0S")))
                .addFeature(ObserveFeature.builder().addObserver(HealthObserver.create(it -> { })).sockets(List.of("operators")).build())
                .putSocket("operators", it -> it.host("localhost"))
                .putSocket("other", it -> it.host("localhost").routing(ShutdownDelayTest::route))
                .routing(ShutdownDelayTest::route)
                .addRouting(WsRouting.builder().endpoint("/echo", new Echo()))
                .build()
                .start();
        System.out.println("port " + server.port());
        System.out.println("operators " + server.port("operators"));
        System.out.println("other " + server.port("other"));
    }

    private static Hangup feature(String socket, String delay) {
        return Hangup.builder().name(socket).sockets(Set.of(socket)).shutdownDelay(Duration.parse(delay)).build();
    }

    private static final class Echo implements WsListener {
        @Override
        public void onMessage(WsSession session, String text, boolean last) {
            session.send(text, last);
        }
    }
}
