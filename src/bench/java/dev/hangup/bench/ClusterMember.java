package dev.hangup.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.cluster.Codec;
import dev.hangup.coalescing.CoalescedComputation;
import dev.hangup.coalescing.Coalescing;

import io.helidon.webserver.WebServer;

/** A server with a clustered route, {@code /work/{key}}, that is a member of a cluster or not. */
final class ClusterMember {
    static final String ROUTE = "work";
    /** Held, since loggers are forgotten that nobody holds. */
    private static final Logger ROOT = Logger.getLogger("");

    private ClusterMember() {
    }

    /**
     * Says its port when it listens. Computations take no time, and those with a key that begins with {@code long} an hour.
     *
     * @param args none, or the keystore, the port of this member, and the ports of all
     */
    public static void main(String[] args) {
        ROOT.setLevel(Level.OFF);
        HangupConfig.Builder hangup = Hangup.builder();
        if (args.length > 0) {
            hangup.cluster(config(new ClusterKeys(Path.of(args[0])), Integer.parseInt(args[1]),
                                  List.of(args).subList(2, args.length)));
        }
        System.out.println(start(hangup, ClusterMember::compute).port());
    }

    static WebServer start(HangupConfig.Builder hangup, CoalescedComputation<String, String> computation) {
        Coalescing<String, String> route = Coalescing.<String, String>builder()
                .key(it -> it.path().pathParameters().get("key"))
                .computing(computation)
                .clustered(ROUTE, Codec.text(), Codec.text())
                .build();
        return WebServer.builder()
                .host("localhost")
                .shutdownHook(false)
                .featuresDiscoverServices(false)
                .addFeature(hangup.build())
                .routing(routing -> routing.get("/work/{key}", route))
                .build()
                .start();
    }

    static ClusterConfig config(ClusterKeys keys, int port, List<String> ports) {
        return ClusterConfig.builder()
                .port(port)
                .httpPort(0)
                .members(ports.stream().map(it -> "127.0.0.1:" + it).toList())
                .tls(keys.tls())
                .build();
    }

    private static String compute(String key) throws InterruptedException {
        if (key.startsWith("long")) {
            TimeUnit.HOURS.sleep(1);
        }
        return key;
    }
}
