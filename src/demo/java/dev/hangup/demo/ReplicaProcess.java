package dev.hangup.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import java.util.regex.Pattern;

/**
 * The process of a replica, as its launcher sees it. What it writes appears on the launcher's output, each line behind the name
 * of the replica.
 */
final class ReplicaProcess {
    private static final int STOP_SECONDS = 5;

    private final String name;
    private final Process process;
    private final Pattern complete;
    private final Thread output;
    /** Completed when the replica sees all others; exceptionally if it ends before. */
    private final CompletableFuture<Void> ready = new CompletableFuture<>();

    /**
     * Starts it.
     *
     * @param name     what it is called
     * @param command  the command line
     * @param replicas how many there are
     */
    ReplicaProcess(String name, List<String> command, int replicas) throws IOException {
        this.name = name;
        this.complete = Pattern.compile("Members of the cluster \\S+: \\S+" + ", \\S+".repeat(replicas - 1) + ";");
        this.process = new ProcessBuilder(command).redirectErrorStream(true).start();
        this.output = Thread.ofPlatform().daemon().name("output of " + name).start(this::copyOutput);
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    CompletableFuture<Void> ready() {
        return ready;
    }

    /** Runs an action with the exit code when the process has ended and its last line was written. */
    void onExit(IntConsumer action) {
        process.onExit().thenAccept(ended -> {
            awaitOutput();
            action.accept(ended.exitValue());
        });
    }

    /** Asks the process to end, as Ctrl-C does. */
    void stop() {
        process.destroy();
    }

    /** Waits for the end of the process, and ends it if that takes too long, for instance because it is suspended. */
    void awaitEnd() throws InterruptedException {
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        awaitOutput();
    }

    private void awaitOutput() {
        try {
            output.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void copyOutput() {
        try (BufferedReader lines = process.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println(name + " | " + line);
                if (complete.matcher(line).find()) {
                    ready.complete(null);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ready.completeExceptionally(new IOException("Replica " + name + " has ended"));
        }
    }
}
