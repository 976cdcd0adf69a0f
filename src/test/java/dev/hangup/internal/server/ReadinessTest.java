package dev.hangup.internal.server;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the health checks of a JVM say while a server under Hangup stops: asked of another one, which takes requests. */
class ReadinessTest {
    private final Trail trail = new Trail();

    @Test
    void serverThatRunsIsReadyAndLive() {
        try (TestServer server = observed(); RawClient client = server.connect()) {
            assertEquals(200, health(client, "").status());
            assertEquals(200, health(client, "/live").status());
            RawClient.Response ready = health(client, "/ready");
            assertEquals(200, ready.status());
            assertTrue(ready.text().contains("\"name\":\"hangup\",\"status\":\"UP\""), ready.text());
        }
    }

    @Test
    void serverThatStopsIsNotReadyUntilItsRequestsHaveEnded() {
        try (TestServer observed = observed(); RawClient probe = observed.connect();
                TestServer server = TestServer.start(config -> config.shutdownGracePeriod(Duration.ofSeconds(25)),
                                                     hangup -> hangup.drain(Duration.ofSeconds(20)), this::work);
                RawClient client = server.connect(); RawClient idle = server.connect()) {
            idle.get("/none");
            idle.read();
            client.get("/work");
            trail.await("started");
            assertEquals(200, health(probe, "/ready").status());
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            // the server closes the idle one when it begins to stop
            idle.readToEnd();
            Await.until("it is not ready", () -> health(probe, "/ready").status() == 503);
            assertEquals(503, health(probe, "").status());
            assertEquals(200, health(probe, "/live").status());
            assertTrue(health(probe, "/ready").text().contains("The server is stopping"));
            trail.add("stop");
            assertEquals("done", client.read().text());
            stopped.join();
            assertEquals(200, health(probe, "/ready").status());
        }
    }

    @Test
    void idleConnectionsMayEnd() {
        try (TestServer observed = observed(); RawClient probe = observed.connect();
                TestServer server = TestServer.start(config -> config
                        // less than a second could close a new connection: Helidon's clock counts seconds
                        .idleConnectionTimeout(Duration.ofMillis(1100))
                        .idleConnectionPeriod(Duration.ofMillis(50)), hangup -> { }, this::work);
                RawClient client = server.connect()) {
            client.get("/none");
            client.read();
            assertEquals("", new String(client.readToEnd()));
            assertEquals(200, health(probe, "/ready").status());
        }
    }

    @Test
    void socketThatHasStoppedMakesItsServerNotReady() {
        try (TestServer server = observed()) {
            Readiness readiness = new Readiness(() -> { });
            readiness.started(server.server());
            assertEquals(Optional.empty(), Readiness.reason());
            readiness.stopping();
            readiness.stopping();
            assertTrue(Readiness.reason().isPresent());
            server.close();
            assertEquals(Optional.empty(), Readiness.reason());
        }
    }

    @Test
    void serverThatWasResumedIsReady() {
        try (TestServer server = observed()) {
            Readiness readiness = new Readiness(() -> { });
            readiness.started(server.server());
            readiness.stopping();
            assertTrue(Readiness.reason().isPresent());
            readiness.resumed();
            assertEquals(Optional.empty(), Readiness.reason());
        }
    }

    @Test
    void serverThatHasNotStartedDoesNotCount() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestServer observed = observed(); RawClient probe = observed.connect()) {
            WebServer server = WebServer.builder()
                    .address(taken.getInetAddress())
                    .port(taken.getLocalPort())
                    .featuresDiscoverServices(false)
                    .shutdownHook(false)
                    .addFeature(Hangup.create())
                    .routing(this::work)
                    .build()
                    .start();
            assertFalse(server.isRunning());
            assertEquals(200, health(probe, "/ready").status());
        }
    }

    private void work(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable(request -> {
            trail.ignoreInterruptsUntil("stop");
            return "done";
        }));
    }

    private static TestServer observed() {
        return TestServer.start(server -> server.addFeature(ObserveFeature.just(HealthObserver.create(it -> it.details(true)))),
                                hangup -> { }, routing -> { });
    }

    private static RawClient.Response health(RawClient probe, String which) {
        return probe.get("/observe/health" + which).read();
    }
}
