package dev.hangup.storm;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import dev.hangup.cluster.ClusterKeys;

/**
 * Runs the experiment, and leaves a table on standard output, and a picture and its numbers in files.
 * <p>
 * A server can compute so many answers a second. Clients come at random, fewer than that; then, for some seconds, three
 * times as many as that; then fewer again. Each gives up after a second and tries again, with at most four attempts
 * in all, each of them at a replica chosen at random if there are several. What is counted is answers that reached a client in
 * time, and the time that processors spent on anything else. Where the useful rate stays down after the
 * burst, nothing but the retries keeps it there: a metastable failure (Bronson et al., HotOS 2021).
 */
public final class Storm {
    private static final long SEED = 20211;
    private static final int SECONDS = 30;
    private static final Clients.Plan PLAN = new Clients.Plan(6, 14, 0.6, 3);
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration CALIBRATION = Duration.ofSeconds(3);

    private Storm() {
    }

    /**
     * Runs it, or only draws what was recorded of an earlier run.
     *
     * @param args the number of replicas; the file for the picture, beside which the numbers are left in one that ends with csv;
     *             and that file of an earlier run
     */
    public static void main(String[] args) throws Exception {
        int replicas = args.length == 0 ? 1 : Integer.parseInt(args[0]);
        Path picture = Path.of(args.length < 2 ? "target/storm.png" : args[1]);
        Files.createDirectories(picture.toAbsolutePath().getParent());
        if (args.length > 2) {
            Picture.draw(Recording.read(Path.of(args[2])), PLAN, picture);
        } else {
            run(replicas, picture);
        }
        System.out.println("Picture: " + picture);
    }

    private static void run(int replicas, Path picture) throws Exception {
        double capacity = capacity(replicas);
        System.out.printf(Locale.ROOT, "%d of %d work on answers of %d ms: at most %.1f answers a second%n",
                          replicas == 1 ? StormServer.COMPUTING : replicas,
                          replicas == 1 ? Runtime.getRuntime().availableProcessors() : replicas, StormServer.WORK.toMillis(),
                          capacity);
        List<Result> results = new ArrayList<>();
        for (Series series : replicas == 1 ? Series.OF_ONE : Series.OF_REPLICAS) {
            Result result = run(series, replicas, capacity);
            results.add(result);
            System.out.println(result.row());
        }
        Recording recording = Recording.of(results, capacity);
        recording.write(picture.resolveSibling(picture.getFileName().toString().replaceFirst("(\\.png)?$", ".csv")));
        Picture.draw(recording, PLAN, picture);
    }

    /** What the plain servers can do: the same for all, since the work is. */
    private static double capacity(int replicas) throws Exception {
        try (Servers servers = Servers.start(replicas, Series.NO_CONTEXT)) {
            servers.warmUp(Series.NO_CONTEXT);
            int connections = (replicas == 1 ? StormServer.COMPUTING : replicas) * 2;
            return new Clients(Series.NO_CONTEXT, servers.ports(), SEED, 60).closedLoop(connections, CALIBRATION,
                                                                                        Clients.PATIENCE);
        }
    }

    private static Result run(Series series, int replicas, double capacity) throws Exception {
        try (Servers servers = Servers.start(replicas, series)) {
            servers.warmUp(series);
            double before = servers.used();
            Clients.Outcome outcome = new Clients(series, servers.ports(), SEED, SECONDS).run(PLAN, capacity);
            return new Result(series, outcome, PLAN, capacity, servers.used() - before);
        }
    }

    /** The processes of all replicas. */
    private record Servers(List<Server> all) implements AutoCloseable {
        private static Servers start(int replicas, Series series) throws Exception {
            List<String> clusterPorts = freePorts(replicas);
            List<Server> servers = new ArrayList<>();
            Path keys = series == Series.CLUSTERED ? ClusterKeys.generate().keystore() : null;
            for (int i = 0; i < replicas; i++) {
                List<String> arguments = new ArrayList<>(replicas == 1 ? List.of() : List.of("replica"));
                if (keys != null) {
                    arguments.addAll(List.of(keys.toString(), clusterPorts.get(i)));
                    arguments.addAll(clusterPorts);
                }
                servers.add(Server.start(arguments));
            }
            return new Servers(servers);
        }

        private static List<String> freePorts(int count) throws IOException {
            List<String> ports = new ArrayList<>();
            List<ServerSocket> sockets = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
                ports.add(String.valueOf(sockets.getLast().getLocalPort()));
            }
            for (ServerSocket socket : sockets) {
                socket.close();
            }
            return ports;
        }

        private List<Integer> ports() {
            return all.stream().map(it -> it.port).toList();
        }

        /** So that Java has compiled what answers and what departs, there and here; work is cheap meanwhile. */
        private void warmUp(Series series) throws IOException, InterruptedException {
            Clients clients = new Clients(series, ports(), SEED, 60);
            clients.closedLoop(20, WARM_UP, Clients.PATIENCE);
            // few enough to leave no more behind than the plain server computes meanwhile
            clients.closedLoop(StormServer.COMPUTING, WARM_UP, StormServer.WARM_UP_WORK);
            for (Server server : all) {
                server.get("/warm");
            }
        }

        /** Seconds of processors that were spent computing. */
        private double used() throws IOException, InterruptedException {
            double used = 0;
            for (Server server : all) {
                used += Long.parseLong(server.get("/used")) / 1e9;
            }
            return used;
        }

        @Override
        public void close() {
            all.forEach(Server::close);
        }
    }

    /** The server's process. */
    private static final class Server implements AutoCloseable {
        private final HttpClient client = HttpClient.newHttpClient();
        private final Process process;
        private final int port;

        private Server(Process process, int port) {
            this.process = process;
            this.port = port;
        }

        private static Server start(List<String> arguments) throws IOException {
            List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                                           "--enable-preview", "-Xmx1g", "-cp",
                                                           System.getProperty("java.class.path"), StormServer.class.getName()));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader output = process.inputReader();
            return new Server(process, Integer.parseInt(output.readLine()));
        }

        private String get(String path) throws IOException, InterruptedException {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path)).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }

        @Override
        public void close() {
            client.shutdownNow();
            process.destroyForcibly();
        }
    }
}
