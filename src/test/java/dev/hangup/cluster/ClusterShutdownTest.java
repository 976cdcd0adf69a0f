package dev.hangup.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;

import dev.hangup.Hangup;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.testing.Await;
import dev.hangup.testing.FreePorts;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.ScarceJvm;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A member whose JVM has begun to shut down, in a JVM of its own: it leaves the cluster first, and serves on. */
class ClusterShutdownTest {
    private final Trail trail = new Trail();

    @Test
    void keysMoveWhenTheShutdownDelayBegins() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<Integer> ports = FreePorts.of(2);
        ClusterConfig config = Replica.cluster(ports.get(0), ports).tls(keys.tls()).build();
        try (Replica staying = Replica.start(config, key -> {
            trail.add("computing " + key);
            return "computed by the one who stays";
        }, it -> { });
                ScarceJvm jvm = ScarceJvm.start(ClusterShutdownTest.class, "-Dkeystore=" + keys.keystore(),
                                                "-Dport=" + ports.get(1), "-Dother=" + ports.get(0))) {
            int port = jvm.number(Pattern.compile("^port (\\d+)$"));
            Await.untilBegun("two members", () -> staying.members() == 2);
            // it joins a moment later than the one who stays knows of it, and a member that has not joined has nobody to relay to
            jvm.output().awaitAny(it -> it.matches(".*Members of the cluster \\S+: \\S+, \\S+; .*"), "it has joined");
            String key = keyOfTheOther(staying);

            jvm.interrupt();
            Await.until("it has left", () -> staying.members() == 1);
            assertEquals("computed by the one who stays", staying.get(key).read().text());
            trail.await("computing " + key);
            Await.until("it is not ready", () -> {
                try (RawClient client = RawClient.connect(port)) {
                    return client.get("/observe/health/ready").read().status() == 503;
                }
            });
            // it still serves, and its own clients share the computations of those who stay
            for (int i = 0; i < 10; i++) {
                try (RawClient client = RawClient.connect(port)) {
                    assertEquals("computed by the one who stays", client.get("/work/late" + i).read().text());
                }
            }
            assertTrue(jvm.output().events().stream().noneMatch(it -> it.startsWith("computing late")),
                       jvm.output().events().toString());
        }
    }

    private String keyOfTheOther(Replica staying) {
        for (int i = 0;; i++) {
            if (staying.get("key" + i).read().text().equals("computed by the other")) {
                return "key" + i;
            }
        }
    }

    /** In the other JVM. */
    public static void main(String[] arguments) {
        Coalescing<String, String> route = Coalescing.<String, String>builder()
                .key(it -> it.path().pathParameters().get("key"))
                .computing(key -> {
                    System.out.println("computing " + key);
                    return "computed by the other";
                })
                .clustered("work", Codec.text(), Codec.text())
                .build();
        int port = Integer.getInteger("port");
        WebServer server = WebServer.builder()
                .host("localhost")
                .featuresDiscoverServices(false)
                .addFeature(Hangup.builder()
                                    .shutdownDelay(Duration.ofHours(1))
                                    .cluster(Replica.cluster(port, List.of(port, Integer.getInteger("other")))
                                                     .tls(new ClusterKeys(Path.of(System.getProperty("keystore"))).tls())
                                                     .build())
                                    .build())
                .addFeature(ObserveFeature.just(HealthObserver.create(it -> { })))
                .routing(routing -> routing.get("/work/{key}", route))
                .build()
                .start();
        System.out.println("port " + server.port());
    }
}
