package dev.hangup.restart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

/**
 * Restarts replicas of the demo one after the other behind a proxy, under load, as {@code operations.md} says. Prints what was
 * sent, answered, lost and repeated, and ends with an error if anything was lost or any POST was begun twice.
 */
public final class RollingRestart {
    private static final Duration LENGTH = Duration.ofSeconds(4);
    private static final Duration SHUTDOWN_DELAY = Duration.ofSeconds(5);
    private static final int REPLICAS = 3;
    private static final int CLIENTS = 16;

    private final List<Balancer.Kind> proxies;
    private final int replicas;
    private final int restarts;
    private final Duration shutdownDelay;
    private final Duration length;
    private final int clients;

    /**
     * @param proxies  in front of the same replicas, each with clients of its own
     * @param replicas as many as there are in the proxy's configuration, at most
     * @param restarts how many of them are restarted
     * @param length   how long the long requests last
     * @param clients  how many clients there are of each kind
     */
    RollingRestart(List<Balancer.Kind> proxies, int replicas, int restarts, Duration shutdownDelay, Duration length, int clients) {
        this.proxies = proxies;
        this.replicas = replicas;
        this.restarts = restarts;
        this.shutdownDelay = shutdownDelay;
        this.length = length;
        this.clients = clients;
    }

    /**
     * Runs the program.
     *
     * @param arguments the proxies: {@code nginx}, {@code haproxy}, {@code nginx_untold}
     */
    public static void main(String[] arguments) throws Exception {
        boolean clean = true;
        for (String proxy : arguments) {
            Balancer.Kind kind = Balancer.Kind.valueOf(proxy.toUpperCase(Locale.ROOT));
            System.out.println("== " + proxy + ": " + REPLICAS + " replicas, restarted one after the other");
            Load.Result result = new RollingRestart(List.of(kind), REPLICAS, REPLICAS, SHUTDOWN_DELAY, LENGTH, CLIENTS).run();
            System.out.println(result);
            clean &= result.isClean();
        }
        System.exit(clean ? 0 : 1);
    }

    Load.Result run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("hangup-restart");
        List<Integer> ports = freePorts(2 * replicas + proxies.size());
        List<Replica> all = new ArrayList<>();
        List<Balancer> balancers = new ArrayList<>();
        try (Load load = new Load(clients, length)) {
            for (int i = 0; i < replicas; i++) {
                all.add(new Replica(ports.get(2 * i), ports.get(2 * i + 1), load.target(), shutdownDelay));
            }
            for (int i = 0; i < proxies.size(); i++) {
                balancers.add(new Balancer(proxies.get(i), ports.get(2 * replicas + i), all, folder));
            }
            for (Replica replica : all) {
                replica.start();
            }
            all.forEach(Replica::awaitReady);
            for (Balancer balancer : balancers) {
                balancer.start();
                Await.untilBegun("the proxy answers", () -> answers(balancer.port()));
                load.start(balancer.port());
            }
            for (Replica replica : all) {
                replica.awaitRequest();
            }
            for (Replica replica : all.subList(0, restarts)) {
                restart(replica, balancers);
            }
            return load.stop();
        } finally {
            balancers.forEach(Balancer::close);
            all.forEach(Replica::close);
            delete(folder);
        }
    }

    private static void restart(Replica replica, List<Balancer> balancers) throws IOException, InterruptedException {
        for (Balancer balancer : balancers) {
            balancer.takeOut(replica);
        }
        Duration stopping = replica.terminate();
        System.out.printf(Locale.ROOT, "a replica has ended %.1f s after its SIGTERM%n", stopping.toMillis() / 1e3);
        replica.start();
        replica.awaitReady();
        for (Balancer balancer : balancers) {
            balancer.putBack(replica);
        }
        replica.awaitRequest();
    }

    private static boolean answers(int port) {
        try (RawClient client = RawClient.connect(port)) {
            return client.get("/with-context?seconds=0").read().status() == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** Ports that nothing listens on; they are the replicas' and the proxy's a moment later. */
    private static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((one, other) -> other.compareTo(one)).toList()) {
                Files.delete(file);
            }
        }
    }
}
