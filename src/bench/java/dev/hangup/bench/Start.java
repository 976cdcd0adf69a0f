package dev.hangup.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** From the start of the packaged demo to its first response under Hangup: the plain jar, and with what {@code start-cache} made. */
final class Start implements Benchmark.Part {
    private static final int ROUNDS = 9;
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path JAR = TARGET.resolve("hangup-demo.jar");
    private static final Path CACHE_OPTIONS = TARGET.resolve("start-cache.options");
    private static final byte[] REQUEST = "GET /with-context?seconds=0 HTTP/1.1\r\nHost: localhost\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    @Override
    public String question() {
        return "from the start of the packaged demo's JVM to its first response, and the processor time of that, " + ROUNDS
                + " starts in turn";
    }

    @Override
    public void run() throws Exception {
        if (!Files.exists(JAR) || !Files.exists(CACHE_OPTIONS)) {
            System.out.println("Not measured: there is no " + JAR + " and " + CACHE_OPTIONS
                                       + "; ./mvnw -q package -DskipTests && src/deploy/start-cache target");
            return;
        }
        Map<String, List<String>> kinds = new LinkedHashMap<>();
        kinds.put("plain jar", List.of());
        kinds.put("with " + Files.readString(CACHE_OPTIONS).strip().replaceAll("=.*", ""), List.of("@" + CACHE_OPTIONS));
        Map<String, List<double[]>> all = new LinkedHashMap<>();
        for (int i = 0; i < ROUNDS; i++) {
            for (Map.Entry<String, List<String>> kind : kinds.entrySet()) {
                all.computeIfAbsent(kind.getKey(), it -> new ArrayList<>()).add(start(kind.getValue()));
            }
        }
        all.forEach((kind, starts) -> System.out.printf(Locale.ROOT, "%-20s wall %s%n%-20s CPU  %s%n",
                                                        kind, seconds(starts, 0), "", seconds(starts, 1)));
    }

    private static String seconds(List<double[]> starts, int which) {
        return new Samples(starts.stream().mapToDouble(it -> it[which]).toArray()).spread("%.2f s");
    }

    /** Returns the seconds to the first response, and those of processor time. */
    private static double[] start(List<String> options) throws IOException, InterruptedException {
        int port = ServerProcess.freePort();
        List<String> command = new ArrayList<>(List.of(ServerProcess.JAVA, "--enable-preview", "-Dserver.port=" + port));
        command.addAll(options);
        command.addAll(List.of("-jar", JAR.toString()));
        long begun = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        try {
            awaitResponse(process, port);
            Duration wall = Duration.ofNanos(System.nanoTime() - begun);
            Duration cpu = process.info().totalCpuDuration().orElseThrow();
            return new double[] {wall.toMillis() / 1e3, cpu.toMillis() / 1e3};
        } finally {
            process.destroyForcibly();
            process.onExit().join();
        }
    }

    private static void awaitResponse(Process process, int port) throws IOException, InterruptedException {
        while (true) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getOutputStream().write(REQUEST);
                InputStream in = socket.getInputStream();
                if (!new String(in.readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII).equals("HTTP/1.1 200")) {
                    throw new IOException("The first response is no success");
                }
                return;
            } catch (ConnectException e) {
                if (!process.isAlive()) {
                    throw new IOException("The demo has ended with " + process.exitValue(), e);
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
    }
}
