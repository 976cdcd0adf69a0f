package dev.hangup.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The demo's server in a process of its own, so that its CPU time and its heap are accounted for alone. */
final class ServerProcess implements AutoCloseable {
    private static final Path BIN = Path.of(System.getProperty("java.home"), "bin");
    /** The last line of a histogram: how many objects, how many bytes. */
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
    private static final Duration TICK = Duration.ofMillis(10);

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @param settings as system properties, {@code key=value}
     */
    static ServerProcess start(String... settings) throws IOException, InterruptedException {
        int port = freePort();
        Path silence = Files.createTempFile("hangup", ".properties");
        Files.writeString(silence, ".level=OFF");
        List<String> command = new ArrayList<>(List.of(BIN.resolve("java").toString(),
                                                       "--enable-preview",
                                                       "-Dserver.port=" + port,
                                                       "-Djava.util.logging.config.file=" + silence));
        for (String setting : settings) {
            command.add("-D" + setting);
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.hangup.demo.Main"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        // it says so when it listens, and nothing after that
        if (process.inputReader().lines().noneMatch(line -> line.startsWith("Hangup listens"))) {
            throw new IOException("The server has ended with " + process.waitFor());
        }
        return new ServerProcess(process, port);
    }

    /** Starts one that has Hangup on another socket only: this one's connections are as Helidon made them. */
    static ServerProcess startPlain() throws IOException, InterruptedException {
        return start("server.sockets.0.name=other", "server.sockets.0.port=0", "server.sockets.0.shutdown-grace-period=PT1S",
                     "server.features.hangup.sockets.0=other");
    }

    int port() {
        return port;
    }

    /** CPU time of the process up to now, user and system. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    /** Waits until the server has done what it was asked for: until it uses no CPU time to speak of. */
    void settle() throws InterruptedException {
        Duration before;
        Duration now = cpu();
        do {
            before = now;
            TimeUnit.MILLISECONDS.sleep(300);
            now = cpu();
        } while (now.minus(before).compareTo(TICK) > 0);
    }

    /** Bytes of the objects on its heap that live. */
    long liveHeap() throws IOException {
        Matcher total = TOTAL.matcher(jcmd("GC.class_histogram"));
        if (!total.find()) {
            throw new IOException("jcmd gave no histogram");
        }
        return Long.parseLong(total.group(1));
    }

    /** What jcmd says when it asks the server's JVM for that. */
    String jcmd(String... asked) throws IOException {
        List<String> command = new ArrayList<>(List.of(BIN.resolve("jcmd").toString(), String.valueOf(process.pid())));
        command.addAll(List.of(asked));
        Process jcmd = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(jcmd.getInputStream().readAllBytes());
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
