package dev.hangup.internal.server;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.ScarceJvm;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

/** A server whose JVM has begun to shut down goes on serving for a while, is not ready, and asks its clients to leave. */
class ShutdownDelayTest {
    private static final Duration LONG = Duration.ofHours(1);

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
            Readiness readiness = new Readiness();
            readiness.started(server.server());
            ShutdownDelay shutdownDelay = new ShutdownDelay(LONG, readiness, () -> trail.add("ending"));
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
            Readiness readiness = new Readiness();
            readiness.started(server.server());
            readiness.ended("lost");
            new ShutdownDelay(LONG, readiness, () -> trail.add("ending")).shutdown();
        }
    }

    private static void assertAsksToLeave(RawClient client) {
        RawClient.Response response = client.get("/work").read();
        assertEquals(200, response.status());
        assertEquals("close", response.headers().get("connection"));
        assertEquals("", new String(client.readToEnd()));
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
                .addFeature(Hangup.builder().shutdownDelay(Duration.parse(System.getProperty("shutdown-delay"))).build())
                .addFeature(ObserveFeature.builder().addObserver(HealthObserver.create(it -> { })).sockets(List.of("operators")).build())
                .putSocket("operators", it -> it.host("localhost"))
                .routing(ShutdownDelayTest::route)
                .build()
                .start();
        System.out.println("port " + server.port());
        System.out.println("operators " + server.port("operators"));
    }
}
