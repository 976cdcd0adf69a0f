package dev.hangup.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.cluster.ClusterKeys;
import dev.hangup.internal.cluster.Cluster;
import dev.hangup.internal.cluster.ClusterRoutes;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;

/**
 * Two members of a cluster: what it costs that another one computes, how soon the last client's leaving interrupts there, and
 * what membership costs a server. The member that computes is in this JVM, the one that relays in another.
 */
final class Clustered implements Benchmark.Part {
    private static final int WARM_UPS = 2000;
    private static final int REQUESTS = 2000;
    private static final int RUNS = 5;
    private static final int DEPARTURES = 500;
    private static final int STARTS = 7;

    private final SynchronousQueue<String> started = new SynchronousQueue<>();
    private final SynchronousQueue<Long> interrupted = new SynchronousQueue<>();

    @Override
    public String question() {
        return "a relayed request, the last leave to the interrupt on the owner, and what membership costs";
    }

    @Override
    public void run() throws Exception {
        ClusterKeys keys = ClusterKeys.generate();
        List<String> ports = freePorts();
        WebServer owner = ClusterMember.start(Hangup.builder().cluster(ClusterMember.config(keys, port(ports, 0), ports)),
                                              this::compute);
        try (ServerProcess relaying = ServerProcess.start(ClusterMember.class, arguments(keys, ports, 1))) {
            Cluster cluster = ClusterRoutes.of(owner).cluster().orElseThrow();
            Await.untilBegun("two members", () -> cluster.status().members().size() == 2);
            String here = key("", it -> cluster.owns(ClusterMember.ROUTE, it.getBytes(StandardCharsets.UTF_8)));
            String there = key("", it -> !cluster.owns(ClusterMember.ROUTE, it.getBytes(StandardCharsets.UTF_8)));
            String last = key("long", it -> cluster.owns(ClusterMember.ROUTE, it.getBytes(StandardCharsets.UTF_8)));
            requests(relaying, there, WARM_UPS);
            requests(relaying, here, WARM_UPS);
            System.out.println("a request, its key's owner     " + new Samples(requests(relaying, there, REQUESTS)).tail());
            System.out.println("relayed to another member      " + new Samples(requests(relaying, here, REQUESTS)).tail());
            departures(relaying, last);
            double[] medians = new double[RUNS];
            for (int i = 0; i < RUNS; i++) {
                Samples samples = new Samples(departures(relaying, last));
                medians[i] = samples.median();
                System.out.println("last leave to the interrupt    " + samples.tail());
            }
            System.out.printf(Locale.ROOT, "of these %d runs, the median   p50 %.3f ms%n", RUNS, new Samples(medians).median());
        } finally {
            owner.stop();
        }
        membership(keys);
    }

    private static double[] requests(ServerProcess server, String key, int count) {
        double[] millis = new double[count];
        try (RawClient client = RawClient.connect(server.port())) {
            for (int i = 0; i < count; i++) {
                long asked = System.nanoTime();
                client.get("/work/" + key).read();
                millis[i] = (System.nanoTime() - asked) / 1e6;
            }
        }
        return millis;
    }

    private double[] departures(ServerProcess relaying, String key) throws InterruptedException {
        double[] millis = new double[DEPARTURES];
        for (int i = 0; i < millis.length; i++) {
            try (RawClient client = RawClient.connect(relaying.port()).get("/work/" + key)) {
                started.take();
                // for the watchers to be there: the delay is 2 ms at most
                TimeUnit.MILLISECONDS.sleep(4);
                long left = System.nanoTime();
                client.leave();
                millis[i] = (interrupted.take() - left) / 1e6;
            }
        }
        return millis;
    }

    private String compute(String key) throws InterruptedException {
        if (key.startsWith("long")) {
            started.put(key);
            try {
                TimeUnit.HOURS.sleep(1);
            } catch (InterruptedException e) {
                long now = System.nanoTime();
                interrupted.put(now);
            }
        }
        return key;
    }

    /** Servers that are no members, members that begin a cluster, and members that join one, in turn. */
    private static void membership(ClusterKeys keys) throws Exception {
        double[][] started = new double[3][STARTS];
        double[][] heap = new double[3][STARTS];
        double[][] resident = new double[3][STARTS];
        for (int i = 0; i < STARTS; i++) {
            List<String> ports = freePorts();
            List<String[]> kinds = List.of(new String[0], arguments(keys, ports, 0), arguments(keys, ports, 1));
            List<ServerProcess> servers = new ArrayList<>();
            try {
                for (int kind = 0; kind < kinds.size(); kind++) {
                    long begun = System.nanoTime();
                    ServerProcess server = ServerProcess.start(ClusterMember.class, kinds.get(kind));
                    servers.add(server);
                    requests(server, "first", 1);
                    started[kind][i] = (System.nanoTime() - begun) / 1e6;
                    // members have joined when they do nothing any more
                    TimeUnit.SECONDS.sleep(kind == 0 ? 0 : 2);
                    server.settle();
                    resident[kind][i] = server.resident() / 1024.0 / 1024;
                    heap[kind][i] = server.liveHeap() / 1024.0 / 1024;
                }
            } finally {
                servers.forEach(ServerProcess::close);
            }
        }
        for (int kind = 0; kind < started.length; kind++) {
            System.out.printf(Locale.ROOT, "%-30s first answer after %.0f ms, live heap %.1f MB, resident %.1f MB (medians of %d)%n",
                              List.of("no member", "the first member", "one that joins it").get(kind),
                              new Samples(started[kind]).median(), new Samples(heap[kind]).median(),
                              new Samples(resident[kind]).median(), STARTS);
        }
    }

    private static String key(String prefix, Predicate<String> wanted) {
        return IntStream.range(0, 1000).mapToObj(it -> prefix + "key" + it).filter(wanted).findFirst().orElseThrow();
    }

    private static String[] arguments(ClusterKeys keys, List<String> ports, int member) {
        List<String> arguments = new ArrayList<>(List.of(keys.keystore().toString(), ports.get(member)));
        arguments.addAll(ports);
        return arguments.toArray(String[]::new);
    }

    private static int port(List<String> ports, int member) {
        return Integer.parseInt(ports.get(member));
    }

    private static List<String> freePorts() throws IOException {
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket two = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return List.of(String.valueOf(one.getLocalPort()), String.valueOf(two.getLocalPort()));
        }
    }
}
