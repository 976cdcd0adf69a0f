package dev.hangup.restart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.hangup.testing.Await;
import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.RawClient;

/** A replica of the demo, a process with the configuration that its image has; it keeps its ports when it is restarted. */
final class Replica implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final int port;
    private final int operators;
    private final String[] command;
    private Process process;
    private CountDownLatch serves;

    Replica(int port, int operators, String target, Duration shutdownDelay) {
        this.port = port;
        this.operators = operators;
        this.command = new String[] {
                "--enable-preview", "-Dhangup.config=src/deploy/application.yaml", "-Dserver.host=127.0.0.1",
                "-Dserver.port=" + port, "-Dserver.sockets.0.host=127.0.0.1", "-Dserver.sockets.0.port=" + operators,
                "-Dserver.features.hangup.shutdown-delay=" + shutdownDelay, "-Drelay.url=" + target, "-Dpage.enabled=false",
                "-Disolated.size=1", "-Disolated.archive=false", "-cp", System.getProperty("java.class.path"),
                "dev.hangup.demo.Main"};
    }

    /** Starts it; returns at once. */
    void start() throws IOException {
        process = ChildJvm.builder(command).redirectErrorStream(true).start();
        CountDownLatch served = new CountDownLatch(1);
        serves = served;
        BufferedReader output = process.inputReader();
        Thread.startVirtualThread(() -> output.lines()
                .filter(it -> it.contains("/with-context: sleeping"))
                .forEach(it -> served.countDown()));
    }

    /** Waits until it is ready. */
    void awaitReady() {
        Await.untilBegun("replica " + port + " is ready", this::isReady);
    }

    /** Waits until the proxy has sent it a request since it was started. */
    void awaitRequest() throws InterruptedException {
        if (!serves.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("The proxy sends replica " + port + " no requests");
        }
    }

    /** Sends it a SIGTERM, and waits for its end. */
    Duration terminate() throws InterruptedException {
        long start = System.nanoTime();
        // of the process, these leave its output to be read
        process.toHandle().destroy();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("Replica " + port + " does not end");
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    int port() {
        return port;
    }

    int operators() {
        return operators;
    }

    private boolean isReady() {
        try (RawClient probe = RawClient.connect(operators)) {
            return probe.get("/observe/health/ready").read().status() == 200;
        } catch (UncheckedIOException e) {
            // it does not listen yet
            return false;
        }
    }

    @Override
    public void close() {
        if (process != null) {
            process.toHandle().destroyForcibly();
        }
    }
}
