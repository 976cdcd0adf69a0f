package dev.hangup.demo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Starts three replicas of the demo that are members of one cluster, each in a process of its own on this machine. Their JVMs
 * have the options of this one. They end with this process, also if it is killed.
 */
public final class Replicas {
    private static final List<String> NAMES = List.of("A", "B", "C");
    private static final String HOST = "127.0.0.1";
    private static final String CLUSTER = "server.features.hangup.cluster";
    private static final int JOIN_SECONDS = 120;
    private static final int LAST_PORT = 65_535 - NAMES.size() + 1;

    /** Written by the main thread, before it adds the hook. */
    private final List<ReplicaProcess> processes = new ArrayList<>();
    private final CountDownLatch running = new CountDownLatch(NAMES.size());
    /** Written by the thread that stops the replicas. */
    private volatile boolean stopping;

    private Replicas() {
    }

    /**
     * Starts the replicas, and returns when all have ended. If they cannot be started, prints the reason in one line on standard
     * error.
     *
     * @param args the port of the first replica; zero for any free ports
     * @throws InterruptedException if this thread is interrupted
     */
    public static void main(String[] args) throws InterruptedException {
        try {
            int first = args.length == 0 ? 8081 : port(args[0]);
            List<Integer> ports = first == 0 ? freePorts() : IntStream.range(first, first + NAMES.size()).boxed().toList();
            new Replicas().run(ports);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            System.err.println("The replicas cannot start: " + reason(e));
            System.exit(1);
        }
    }

    private static int port(String text) {
        try {
            int port = Integer.parseInt(text);
            if (port >= 0 && port <= LAST_PORT) {
                return port;
            }
        } catch (NumberFormatException e) {
            // the exception below gives the reason
        }
        throw new IllegalArgumentException("the first port must be a number from 0 to " + LAST_PORT + ", but is " + text);
    }

    private static String reason(Exception thrown) {
        String reason = thrown instanceof IllegalArgumentException ? thrown.getMessage() : thrown.toString();
        return reason.lines().findFirst().orElse(reason);
    }

    private void run(List<Integer> ports) throws IOException, GeneralSecurityException, InterruptedException {
        try (ClusterKey key = ClusterKey.generate()) {
            start(ports, key);
            CompletableFuture.allOf(processes.stream().map(ReplicaProcess::ready).toArray(CompletableFuture[]::new))
                    .get(JOIN_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            System.err.println(e instanceof TimeoutException ? "The replicas do not find each other" : e.getCause().getMessage());
            System.exit(1);
        }
        System.out.println(welcome(ports));
        running.await();
    }

    private void start(List<Integer> ports, ClusterKey key) throws IOException {
        List<Integer> clusterPorts = freePorts();
        for (int i = 0; i < NAMES.size(); i++) {
            processes.add(new ReplicaProcess(NAMES.get(i), command(i, ports, clusterPorts, key), NAMES.size()));
        }
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop-replicas").unstarted(this::stop));
        processes.forEach(it -> it.onExit(exitCode -> ended(it, exitCode)));
    }

    private static List<String> command(int replica, List<Integer> ports, List<Integer> clusterPorts, ClusterKey key) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.add("-Dserver.port=" + ports.get(replica));
        command.add("-Dreplica.name=" + NAMES.get(replica));
        command.add("-D" + CLUSTER + ".name=demo");
        command.add("-D" + CLUSTER + ".port=" + clusterPorts.get(replica));
        command.add("-D" + CLUSTER + ".http-port=0");
        for (int i = 0; i < NAMES.size(); i++) {
            command.add("-D" + CLUSTER + ".members." + i + "=" + HOST + ":" + clusterPorts.get(i));
            command.add("-Dreplica.pages." + NAMES.get(i) + "=" + page(ports.get(i)));
        }
        command.addAll(key.options(CLUSTER + ".tls"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Replica.class.getName()));
        return command;
    }

    private void ended(ReplicaProcess replica, int exitCode) {
        if (!stopping) {
            System.out.println("\nReplica " + replica.name() + " has ended with exit code " + exitCode + ".\n");
        }
        running.countDown();
    }

    /** Run by the shutdown hook: Ctrl-C reaches the replicas by the terminal, other signals reach this process only. */
    private void stop() {
        stopping = true;
        processes.forEach(ReplicaProcess::stop);
        try {
            for (ReplicaProcess process : processes) {
                process.awaitEnd();
            }
        } catch (InterruptedException e) {
            // the replicas end with this process in any case
        }
    }

    /** Ports that nobody has at the moment. */
    private static List<Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < NAMES.size(); i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getByName(HOST)));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    private static String page(int port) {
        return "http://" + HOST + ":" + port + "/";
    }

    private String welcome(List<Integer> ports) {
        String replicas = IntStream.range(0, ports.size())
                .mapToObj(i -> "  %s  %s  process %d".formatted(NAMES.get(i), page(ports.get(i)), processes.get(i).pid()))
                .collect(Collectors.joining("\n"));
        String numbers = ports.stream().map(String::valueOf).collect(Collectors.joining(" "));
        return """

                Three replicas of one service are members of one cluster. Each has a page, which has links to the others:

                %1$s

                Nine clients want the same, three of them on each replica. One computation begins:

                  for port in %2$s; do for i in 1 2 3; do
                    curl -s "http://%3$s:$port/with-context/coalesced?name=report&seconds=60" &
                  done; done

                Hang up on one after the other, with kill %%1, kill %%2 and so on: the computation is cancelled with the last.
                Or kill -9 the process of the replica that computes: the clients of the others get the answer of another
                replica, which computes once more. At /no-context/coalesced, each client has a computation of its own.

                Ctrl-C here stops all three.
                """.formatted(replicas, numbers, HOST);
    }
}
