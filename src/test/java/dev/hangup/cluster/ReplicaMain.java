package dev.hangup.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.coalescing.Coalescing;

import io.helidon.webserver.WebServer;

/** A replica in a process of its own. Tells on its standard output what happens. */
final class ReplicaMain {
    private ReplicaMain() {
    }

    /**
     * Serves {@code /work/{key}}, which takes three seconds, or a minute if the key begins with {@code long}.
     *
     * @param args the keystore, the port of the engine, and the ports of all
     */
    public static void main(String[] args) {
        List<Integer> ports = List.of(args).subList(2, args.length).stream().map(Integer::valueOf).toList();
        Coalescing<String, String> route = Coalescing.<String, String>builder()
                .key(it -> it.path().pathParameters().get("key"))
                .computing(ReplicaMain::compute)
                .clustered("work", Codec.text(), Codec.text())
                .build();
        WebServer server = WebServer.builder()
                .host("localhost")
                .shutdownGracePeriod(Duration.ofSeconds(2))
                .featuresDiscoverServices(false)
                .addFeature(Hangup.builder()
                                    .cluster(Replica.cluster(Integer.parseInt(args[1]), ports)
                                                     .goneAfter(Duration.ofSeconds(5))
                                                     .tls(new ClusterKeys(Path.of(args[0])).tls())
                                                     .build())
                                    .build())
                .routing(routing -> routing
                        .get("/work/{key}", route)
                        .get("/waiting", (request, response) -> response.send(String.valueOf(route.waiting()))))
                .build()
                .start();
        System.out.println("port " + server.port());
    }

    private static String compute(String key) throws InterruptedException {
        System.out.println("computing " + key);
        try {
            TimeUnit.SECONDS.sleep(key.startsWith("long") ? 60 : 3);
        } catch (InterruptedException e) {
            System.out.println("interrupted " + key);
            throw e;
        }
        System.out.println("computed " + key);
        return "result of " + key;
    }
}
