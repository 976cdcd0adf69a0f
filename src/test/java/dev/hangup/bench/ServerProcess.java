package dev.hangup.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The demo's server in a process of its own, so that the operating system accounts for its CPU time alone. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static ServerProcess start() throws IOException, InterruptedException {
        int port = freePort();
        Path silence = Files.createTempFile("hangup", ".properties");
        Files.writeString(silence, ".level=OFF");
        Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                             "--enable-preview",
                                             "-Dserver.port=" + port,
                                             "-Djava.util.logging.config.file=" + silence,
                                             "-cp", System.getProperty("java.class.path"),
                                             "dev.hangup.demo.Main")
                .redirectErrorStream(true)
                .start();
        // it says so when it listens, and nothing after that
        if (process.inputReader().lines().noneMatch(line -> line.startsWith("Hangup listens"))) {
            throw new IOException("The server has ended with " + process.waitFor());
        }
        return new ServerProcess(process, port);
    }

    int port() {
        return port;
    }

    /** CPU time of the process up to now, user and system. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
