package dev.hangup.cluster;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

import dev.hangup.coalescing.Coalescing;
import dev.hangup.metrics.HangupMetrics;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.observe.metrics.MetricsObserver;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a member says of its cluster: to the application, in metrics, and in the readiness check. */
class ClusterStatusTest {
    private final Trail trail = new Trail();
    private final List<Integer> ports = FreePorts.of(2);
    private TestServer one;
    private TestServer other;

    @BeforeEach
    void start() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        one = start(ports.get(0), keys);
        other = start(ports.get(1), keys);
        Await.untilBegun("two members", () -> status(one).members().size() == 2 && status(other).members().size() == 2);
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
    }

    @Test
    void serverWithoutAClusterHasNoStatus() {
        try (TestServer server = TestServer.start(routing -> { })) {
            assertEquals(Optional.empty(), server.hangup().cluster());
        }
    }

    @Test
    void startOfTheInternalListenerIsLoggedInOneLine() throws Exception {
        try (Logged logged = Logged.allBy("dev.hangup");
                TestServer server = start(FreePorts.one(), ClusterKeys.generate())) {
            Await.until("it has joined", () -> status(server).members().size() == 1);
            List<String> lines = logged.trail().events();
            assertEquals(1, lines.stream().filter(it -> it.startsWith("Hangup is active on ")).count(), lines.toString());
            String end = ", and for relayed requests at " + status(server).self();
            assertEquals(1, lines.stream().filter(it -> it.endsWith(end)).count(), lines.toString());
        }
    }

    @Test
    void membersAreKnownToEachOther() {
        assertEquals("hangup", status(one).name());
        assertEquals(Optional.empty(), status(one).problem());
        assertTrue(status(one).members().containsAll(List.of(status(one).self(), status(other).self())));
        // the servers of one JVM have one sum, and there may be others
        assertTrue(scraped("hangup_cluster_members{") >= 4);
        String ready = ready(other);
        assertTrue(ready.contains("hangup: 2 members, this one is " + status(one).self()), ready);
        assertTrue(ready.contains("\"status\":\"UP\""), ready);
    }

    @Test
    @Tag("departure")
    void keysAndCallsAreCountedWhileTheyLast() {
        List<RawClient> clients = List.of(one.connect().get("/work/key"), other.connect().get("/work/key"));
        Await.until("one computes and the other waits", () -> status(one).owned() + status(other).owned() == 1
                && status(one).relayed() + status(other).relayed() == 1);
        TestServer relaying = status(one).relayed() == 1 ? one : other;
        assertEquals(0, status(relaying).owned());
        assertTrue(scraped("hangup_cluster_keys_owned{") >= 1);
        assertTrue(scraped("hangup_cluster_keys_relayed{") >= 1);
        clients.forEach(RawClient::leave);
        Await.until("nothing is left", () -> status(relaying).relayed() == 0);
        Await.until("the call has ended", () -> status(relaying).calls().equals(
                Map.of(RelayOutcome.SUCCEEDED, 0L, RelayOutcome.FAILED, 0L, RelayOutcome.LOST, 0L, RelayOutcome.CANCELLED, 1L)));
    }

    @Test
    @Tag("departure")
    void outcomesOfCallsAreCounted() {
        double succeeded = scraped("hangup_cluster_calls_total{outcome=\"succeeded\"");
        double failed = scraped("hangup_cluster_calls_total{outcome=\"failed\"");
        double lost = scraped("hangup_cluster_calls_total{outcome=\"lost\"");
        double relayed = scraped("hangup_coalescing_total{name=\"status\",scope=\"application\",source=\"relayed\"");
        askUntil("quick", () -> status(one).calls().get(RelayOutcome.SUCCEEDED));
        askUntil("broken", () -> status(one).calls().get(RelayOutcome.FAILED));
        assertEquals(succeeded + 1, scraped("hangup_cluster_calls_total{outcome=\"succeeded\""));
        assertEquals(failed + 1, scraped("hangup_cluster_calls_total{outcome=\"failed\""));
        assertEquals(relayed + 1, scraped("hangup_coalescing_total{name=\"status\",scope=\"application\",source=\"relayed\""));
        String key = keyOfTheOther();
        RawClient waiting = one.connect().get("/work/" + key);
        trail.await("computing " + key, 2);
        other.close();
        trail.await("computing " + key, 3);
        waiting.close();
        Await.until("a call is lost", () -> status(one).calls().get(RelayOutcome.LOST) >= 1);
        assertTrue(scraped("hangup_cluster_calls_total{outcome=\"lost\"") > lost);
    }

    @Test
    void memberThatCannotJoinIsReadyAndSaysWhy() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                TestServer server = start(taken.getLocalPort(), ClusterKeys.generate())) {
            Await.until("it says why", () -> ready(server).contains("hangup: cannot join: "));
            String ready = ready(server);
            assertTrue(ready.contains(String.valueOf(taken.getLocalPort())), ready);
            assertTrue(ready.contains("\"status\":\"UP\""), ready);
            assertEquals(List.of(), status(server).members());
            assertTrue(status(server).problem().orElseThrow().startsWith("cannot join: "));
        }
    }

    private void askUntil(String key, LongSupplier count) {
        for (int i = 0; count.getAsLong() == 0; i++) {
            try (RawClient client = one.connect()) {
                client.get("/work/" + key + i).read();
            }
        }
    }

    /** A key that is relayed from one to the other. It was computed once, which is over. */
    private String keyOfTheOther() {
        for (int i = 0;; i++) {
            String key = "long" + i;
            try (RawClient client = one.connect().get("/work/" + key)) {
                trail.await("computing " + key);
                boolean found = status(one).relayed() == 1;
                client.leave();
                trail.await("interrupted " + key);
                if (found) {
                    Await.until("nothing is left", () -> status(one).relayed() == 0 && status(other).owned() == 0);
                    return key;
                }
            }
        }
    }

    private TestServer start(int port, ClusterKeys keys) {
        Coalescing<String, String> route = HangupMetrics.bind("status", Coalescing.<String, String>builder()
                .key(it -> it.path().pathParameters().get("key"))
                .computing(this::compute)
                .clustered("work", Codec.text(), Codec.text())
                .build());
        return TestServer.start(server -> server.addFeature(ObserveFeature.just(HealthObserver.create(it -> it.details(true)),
                                                                                MetricsObserver.create())),
                                hangup -> hangup.cluster(Replica.cluster(port, ports).tls(keys.tls()).build()),
                                routing -> routing.get("/work/{key}", route));
    }

    private String compute(String key) throws InterruptedException {
        trail.add("computing " + key);
        if (key.startsWith("quick")) {
            return key;
        }
        if (key.startsWith("broken")) {
            throw new IllegalStateException(key);
        }
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException e) {
            trail.add("interrupted " + key);
            throw e;
        }
        return key;
    }

    private static ClusterStatus status(TestServer member) {
        return member.hangup().cluster().orElseThrow();
    }

    private double scraped(String series) {
        try (RawClient client = one.connect()) {
            return client.get("/observe/metrics", "Accept: text/plain\r\n").read().text().lines()
                    .filter(line -> line.startsWith(series))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .findFirst()
                    .orElse(0);
        }
    }

    private static String ready(TestServer member) {
        try (RawClient probe = member.connect()) {
            return probe.get("/observe/health/ready").read().text();
        }
    }
}
