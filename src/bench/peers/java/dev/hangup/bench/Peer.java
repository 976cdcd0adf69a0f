package dev.hangup.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.RawClient;

/**
 * A server in a process of its own. It answers {@code /} with {@code hello}; it waits at {@code /wait}, computes at {@code /loop}
 * and calls another server at {@code /relay}, each until its client leaves, as far as it notices; and {@code /running} says how
 * many of these requests' work is running.
 */
final class Peer implements AutoCloseable {
    private static final int BACKLOG = 1000;

    private final String name;
    private final Process process;
    private final int port;
    private final ServerSocket target;

    private Peer(String name, Process process, int port, ServerSocket target) {
        this.name = name;
        this.process = process;
        this.port = port;
        this.target = target;
    }

    /**
     * Starts it.
     *
     * @param name    its name in the tables
     * @param command the command line, to which the URL is added that {@code /relay} calls, and then the options
     * @param options further arguments
     */
    static Peer start(String name, List<String> command, String... options) throws IOException {
        ServerSocket target = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        List<String> whole = new ArrayList<>(command);
        whole.add("http://127.0.0.1:" + target.getLocalPort() + "/");
        whole.addAll(List.of(options));
        Process process = new ProcessBuilder(whole).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        // lines of the log may come before
        for (String line = ""; line != null; line = process.inputReader().readLine()) {
            if (line.matches("\\d+")) {
                return new Peer(name, process, Integer.parseInt(line), target);
            }
        }
        throw new IOException(name + " does not start");
    }

    String name() {
        return name;
    }

    int port() {
        return port;
    }

    /** What its relay calls. Each peer has its own, so that no call of another one is taken for its. */
    ServerSocket target() {
        return target;
    }

    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** The memory of its process that is resident, in KiB. */
    long resident() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(it -> it.startsWith("VmRSS:"))
                .mapToLong(it -> Long.parseLong(it.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until the work of so many requests is running; {@code false} if it is not in that time. */
    boolean awaitRunning(int requests, Duration atMost) throws InterruptedException {
        for (long end = System.nanoTime() + atMost.toNanos(); System.nanoTime() < end; TimeUnit.MILLISECONDS.sleep(5)) {
            if (running(Duration.ofNanos(end - System.nanoTime())) == requests) {
                return true;
            }
        }
        return false;
    }

    private int running(Duration atMost) {
        try (RawClient client = RawClient.connect(port)) {
            client.socket().setSoTimeout((int) Math.max(1, atMost.toMillis()));
            return Integer.parseInt(client.get("/running").read().text());
        } catch (IOException | UncheckedIOException e) {
            // it does nothing else while it computes
            return -1;
        }
    }

    @Override
    public void close() throws IOException {
        target.close();
        process.destroyForcibly();
        process.onExit().join();
    }
}
