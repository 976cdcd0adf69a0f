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

/** A server in a process of its own, the demo's or another, so that its CPU time and its heap are accounted for alone. */
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
        List<String> options = new ArrayList<>(List.of("-Dserver.port=" + port, "-Djava.util.logging.config.file=" + silence));
        for (String setting : settings) {
            options.add("-D" + setting);
        }
        Process process = launch(options, "dev.hangup.demo.Main");
        // it says so when it listens, and nothing after that
        if (process.inputReader().lines().noneMatch(line -> line.startsWith("Hangup listens"))) {
            throw new IOException("The server has ended with " + process.waitFor());
        }
        return new ServerProcess(process, port);
    }

    /** Starts another program, which says on which port it listens, and nothing after that. */
    static ServerProcess start(Class<?> program, String... arguments) throws IOException, InterruptedException {
        List<String> options = List.of(System.getProperty("benchmark.jvm", "").split(" "));
        Process process = launch(options.getFirst().isEmpty() ? List.of() : options, program.getName(), arguments);
        String port = process.inputReader().readLine();
        if (port == null) {
            throw new IOException("The server has ended with " + process.waitFor());
        }
        return new ServerProcess(process, Integer.parseInt(port));
    }

    private static Process launch(List<String> options, String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(BIN.resolve("java").toString(), "--enable-preview"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
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

    /** Bytes of memory that it has from the operating system. */
    long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        throw new IOException("The process has ended");
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
