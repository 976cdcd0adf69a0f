package dev.hangup.demo;

import java.util.Map;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the demo shows to those who watch over it, found on the class path. */
class ObserveTest {
    private static WebServer server;

    @BeforeAll
    static void start() {
        server = PageTest.server(Map.of());
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @Test
    void whatBecameOfRequestsIsCounted() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertEquals(200, client.get("/with-context/cpu?seconds=0.01").read().status());
            Await.until("it is counted", () -> scrape(client).lines().anyMatch(line -> line.startsWith(
                    "hangup_requests_total{outcome=\"completed\",route=\"/with-context/cpu\"")));
        }
    }

    @Test
    void computationsAndWorkersAreBound() {
        try (RawClient client = RawClient.connect(server.port())) {
            String scrape = scrape(client);
            assertTrue(scrape.contains("hangup_running{name=\"cpu\""), scrape);
            assertTrue(scrape.contains("hangup_waiting{name=\"cpu\""), scrape);
            assertTrue(scrape.contains("hangup_workers{name=\"isolated\""), scrape);
        }
    }

    @Test
    void itIsReadyAndLive() {
        try (RawClient client = RawClient.connect(server.port())) {
            assertEquals(204, client.get("/observe/health/ready").read().status());
            assertEquals(204, client.get("/observe/health/live").read().status());
        }
    }

    private static String scrape(RawClient client) {
        return client.get("/observe/metrics").read().text();
    }
}
