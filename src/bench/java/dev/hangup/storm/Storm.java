package dev.hangup.storm;

import java.io.BufferedReader;
import java.io.IOException;
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

/**
 * Runs the experiment, and leaves a table on standard output, and a picture and its numbers in files.
 * <p>
 * A server can compute so many answers a second. Clients come at random, fewer than that; then, for some seconds, three
 * times as many as that; then fewer again. Each gives up after a second and asks again, four times at most. What is
 * counted is answers that reached a client in time, and the time that processors spent on anything else. Where the useful
 * rate stays down after the burst, nothing but the retries keeps it there: a metastable failure (Bronson et al., HotOS
 * 2021).
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
     * @param args the file for the picture, beside which the numbers are left in one that ends with csv; and that file of an
     *             earlier run
     */
    public static void main(String[] args) throws Exception {
        Path picture = Path.of(args.length == 0 ? "target/storm.png" : args[0]);
        Files.createDirectories(picture.toAbsolutePath().getParent());
        if (args.length > 1) {
            Picture.draw(Recording.read(Path.of(args[1])), PLAN, picture);
        } else {
            run(picture);
        }
        System.out.println("Picture: " + picture);
    }

    private static void run(Path picture) throws Exception {
        double capacity = capacity();
        System.out.printf(Locale.ROOT, "%d of %d processors compute answers of %d ms: at most %.1f answers a second%n",
                          StormServer.COMPUTING, Runtime.getRuntime().availableProcessors(), StormServer.WORK.toMillis(),
                          capacity);
        List<Result> results = new ArrayList<>();
        for (Series series : Series.values()) {
            Result result = run(series, capacity);
            results.add(result);
            System.out.println(result.row());
        }
        Recording recording = Recording.of(results, capacity);
        recording.write(picture.resolveSibling(picture.getFileName().toString().replaceFirst("(\\.png)?$", ".csv")));
        Picture.draw(recording, PLAN, picture);
    }

    /** What the plain server can do: the same for all, since the work is. */
    private static double capacity() throws Exception {
        try (Server server = Server.start()) {
            server.warmUp(Series.NO_CONTEXT);
            return new Clients(Series.NO_CONTEXT, server.port, SEED, 60).closedLoop(StormServer.COMPUTING * 2, CALIBRATION,
                                                                                 Clients.PATIENCE);
        }
    }

    private static Result run(Series series, double capacity) throws Exception {
        try (Server server = Server.start()) {
            server.warmUp(series);
            double before = server.used();
            Clients.Outcome outcome = new Clients(series, server.port, SEED, SECONDS).run(PLAN, capacity);
            return new Result(series, outcome, PLAN, capacity, server.used() - before);
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

        private static Server start() throws IOException {
            Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                                 "--enable-preview", "-Xmx1g", "-cp", System.getProperty("java.class.path"),
                                                 StormServer.class.getName())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader output = process.inputReader();
            return new Server(process, Integer.parseInt(output.readLine()));
        }

        /** So that Java has compiled what answers and what departs, there and here; work is cheap meanwhile. */
        private void warmUp(Series series) throws IOException, InterruptedException {
            Clients clients = new Clients(series, port, SEED, 60);
            clients.closedLoop(20, WARM_UP, Clients.PATIENCE);
            // few enough to leave no more behind than the plain server computes meanwhile
            clients.closedLoop(StormServer.COMPUTING, WARM_UP, StormServer.WARM_UP_WORK);
            get("/warm");
        }

        /** Seconds of processors that were spent computing. */
        private double used() throws IOException, InterruptedException {
            return Long.parseLong(get("/used")) / 1e9;
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
