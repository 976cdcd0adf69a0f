package dev.hangup.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.coalescing.Coalescing;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;

/** A replica in a process of its own. Tells on its standard output what happens. */
final class ReplicaMain {
    private static final Duration USUAL = Duration.ofSeconds(2);
    private static final Duration HURRIED = Duration.ofSeconds(1);
    private static final CountDownLatch RELEASED = new CountDownLatch(1);

    private ReplicaMain() {
    }

    /**
     * Serves {@code /work/{key}}, which takes two seconds, or a minute if the key begins with {@code long}. What begins with
     * {@code full} fails then as an overloaded server does, and what begins with {@code timely} fails if its deadline has passed.
     * {@code /hurried/{key}} is the same with a deadline of one second.
     *
     * @param args the keystore, the host and the port of this member, the seconds of its {@code gone-after}, and a host name of
     *             all or the addresses of all
     */
    public static void main(String[] args) {
        List<String> members = List.of(args).subList(4, args.length);
        ClusterConfig.Builder cluster = ClusterConfig.builder()
                .host(args[1])
                .port(Integer.parseInt(args[2]))
                .httpPort(0)
                .goneAfter(Duration.ofSeconds(Integer.parseInt(args[3])))
                .tls(new ClusterKeys(Path.of(args[0])).tls());
        if (members.getFirst().contains(":")) {
            cluster.members(members);
        } else {
            cluster.dns(members.getFirst());
        }
        Coalescing<String, String> route = Coalescing.<String, String>builder()
                .key(it -> it.path().pathParameters().get("key"))
                .computing(ReplicaMain::compute)
                .clustered("work", Codec.text(), Codec.text())
                .build();
        WebServer server = WebServer.builder()
                .host("127.0.0.1")
                .shutdownGracePeriod(Duration.ofSeconds(2))
                .featuresDiscoverServices(false)
                .addFeature(Hangup.builder().deadline(Duration.ofMinutes(10)).cluster(cluster.build()).build())
                .routing(routing -> routing
                        .get("/work/{key}", route)
                        .get("/hurried/{key}", Hangup.cancellable(HURRIED, route))
                        .get("/release", (request, response) -> {
                            RELEASED.countDown();
                            response.send();
                        })
                        .get("/waiting", (request, response) -> response.send(String.valueOf(route.waiting()))))
                .build()
                .start();
        System.out.println("port " + server.port());
    }

    private static String compute(String key) throws InterruptedException {
        System.out.println("computing " + key);
        try {
            if (key.startsWith("lost")) {
                RELEASED.await();
            } else {
                Thread.sleep(key.startsWith("long") ? Duration.ofMinutes(10) : USUAL);
            }
        } catch (InterruptedException e) {
            System.out.println("interrupted " + key);
            throw e;
        }
        if (key.startsWith("full")) {
            throw new HttpException("Too much work", Status.SERVICE_UNAVAILABLE_503, true)
                    .header(HeaderValues.create(HeaderNames.RETRY_AFTER, "7"));
        }
        if (key.startsWith("timely") && Deadline.current().orElseThrow().remaining().isZero()) {
            throw new IllegalStateException("The deadline has passed");
        }
        System.out.println("computed " + key);
        return "result of " + key;
    }
}
