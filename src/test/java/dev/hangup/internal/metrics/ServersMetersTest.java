package dev.hangup.internal.metrics;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.cpu.CpuBound;
import dev.hangup.metrics.HangupMetrics;
import dev.hangup.testing.Await;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.metrics.MetricsObserver;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The meters of servers that overlap, fail to start, or configure Helidon's metrics. */
class ServersMetersTest {
    private static final String COMPLETED = "hangup_requests_total{outcome=\"completed\",route=\"/shared\"";

    private final Trail trail = new Trail();

    @Test
    void serversThatShareAnInstanceShareItsMetersUntilTheLastStops() {
        Hangup shared = Hangup.create();
        PlainServer first = start(shared);
        try (PlainServer second = start(shared); RawClient client = second.connect(); RawClient scraping = second.connect()) {
            inFlightIsOne(client, scraping, 1);
            double before = Scrape.number(scraping, COMPLETED);
            first.close();
            inFlightIsOne(client, scraping, 2);
            Await.until("it is counted", () -> Scrape.number(scraping, COMPLETED) == before + 1);
        }
    }

    private PlainServer start(Hangup shared) {
        return PlainServer.builder()
                .server(it -> it.addFeature(shared).addFeature(ObserveFeature.just(MetricsObserver.create())))
                .start(this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/shared", Hangup.cancellable(request -> {
            trail.add("started");
            trail.await("scraped", Integer.parseInt(request.query().get("n")));
            return "done";
        }));
    }

    private void inFlightIsOne(RawClient client, RawClient scraping, int times) {
        double before = Scrape.number(scraping, "hangup_requests_in_flight{");
        client.get("/shared?n=" + times);
        trail.await("started", times);
        Await.until("it is in flight", () -> Scrape.number(scraping, "hangup_requests_in_flight{") > before);
        assertEquals(before + 1, Scrape.number(scraping, "hangup_requests_in_flight{"));
        trail.add("scraped");
        assertEquals("done", client.read().text());
        Await.until("it is over", () -> Scrape.number(scraping, "hangup_requests_in_flight{") == before);
    }

    @Test
    void serversThatDoNotStartLeaveNoMeters() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            startOn(taken.getLocalPort());
            int before = Sums.parts();
            for (int i = 0; i < 10; i++) {
                startOn(taken.getLocalPort());
            }
            assertEquals(before, Sums.parts());
        }
    }

    private static void startOn(int port) {
        WebServer server = WebServer.builder()
                .host("localhost")
                .port(port)
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .addFeature(Hangup.create())
                .routing(routing -> { })
                .build()
                .start();
        assertFalse(server.isRunning());
    }

    /** Both sockets have the features that Hangup adds to either of them. */
    @Test
    void routingOfTwoSocketsHasItsMetersUntilBothHaveStopped() {
        HttpRouting.Builder shared = HttpRouting.builder().addFeature(new Counting(trail));
        TestServer server = TestServer.start(it -> it.routing(shared).putSocket("other", socket -> socket.routing(shared)),
                                             hangup -> { }, routing -> { });
        int running = Sums.parts();
        server.close();
        assertEquals(List.of("meters " + running, "meters " + running), trail.events());
        assertTrue(Sums.parts() < running);
    }

    /** The routing of the second server includes the feature of the first, which has ended. */
    @Test
    void serversThatAreStartedInTurnWithOneRoutingBuilderHaveMeters() {
        Hangup hangup = Hangup.create();
        HttpRouting.Builder shared = HttpRouting.builder();
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            try (PlainServer server = PlainServer.builder().server(it -> it.addFeature(hangup).routing(shared))
                    .start(routing -> { })) {
                assertTrue(server.server().isRunning());
                counts.add(Sums.parts());
            }
        }
        assertEquals(Set.of(counts.getFirst()), Set.copyOf(counts), () -> "meters of the servers: " + counts);
    }

    /** The configuration replaces the registry in which the component was bound. */
    @Test
    void componentBoundBeforeTheServerConfiguresMetricsIsShown() {
        HangupMetrics.bind("early", CpuBound.builder().parallelism(1).build());
        try (TestServer server = configuringMetrics(hangup -> { }); RawClient client = server.connect()) {
            String text = Scrape.text(client);
            assertTrue(text.contains("hangup_running{name=\"early\""), text);
        }
    }

    /** The configuration replaces the registry, and removes the meters of the server that runs. */
    @Test
    void metersOfARunningServerOutlastTheConfigurationOfAnother() {
        try (PlainServer first = start(Hangup.create()); RawClient client = first.connect();
                TestServer second = configuringMetrics(hangup -> hangup.carrierGuard(false));
                RawClient scraping = second.connect()) {
            trail.add("scraped");
            assertEquals("done", client.get("/shared?n=1").read().text());
            Await.until("it is counted", () -> Scrape.number(scraping, "hangup_work_useful_seconds_count{") > 0);
            String text = Scrape.text(scraping);
            assertTrue(text.contains("hangup_stopping_seconds_count{outcome=\"disconnected\""), text);
            assertTrue(text.contains("hangup_carriers{"), text);
        }
    }

    private static TestServer configuringMetrics(Consumer<HangupConfig.Builder> hangup) {
        Config config = Config.just(ConfigSources.create(Map.of("key-performance-indicators.extended", "true")));
        return TestServer.start(it -> it.addFeature(ObserveFeature.just(MetricsObserver.create(config))), hangup, routing -> { });
    }

    /** Leaves the number of meters when its socket has stopped, before Hangup is notified of that. */
    private record Counting(Trail trail) implements HttpFeature {
        @Override
        public void setup(HttpRouting.Builder routing) {
            // no routes
        }

        @Override
        public void afterStop() {
            trail.add("meters " + Sums.parts());
        }
    }
}
