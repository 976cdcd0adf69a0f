package dev.hangup.isolated;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import dev.hangup.testing.ChildJvm;
import dev.hangup.testing.Logged;

/** A JVM of its own that has workers, one of which is at a task. */
final class IsolatedServer implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private IsolatedServer(Process process) {
        this.process = process;
        this.output = process.inputReader();
    }

    static IsolatedServer start(Path temporary, Class<? extends IsolatedTask> task) throws IOException {
        return new IsolatedServer(ChildJvm.running(IsolatedServer.class, List.of("-Djava.io.tmpdir=" + temporary), task.getName())
                                          .redirectError(ProcessBuilder.Redirect.DISCARD)
                                          .start());
    }

    /** The process of the worker that has begun. Its server logs that, too, sooner or later. */
    long worker() {
        return output.lines().filter(line -> line.matches("\\d+")).mapToLong(Long::parseLong).findFirst().orElseThrow();
    }

    /** As {@code kill -9}. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Has it end by itself. */
    void end() throws IOException {
        process.getOutputStream().close();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }

    /** In the other JVM. */
    public static void main(String[] arguments) throws Exception {
        Isolated isolated = WorkerProcesses.patient().size(1).build();
        Class<? extends IsolatedTask> task = Class.forName(arguments[0]).asSubclass(IsolatedTask.class);
        try (Logged output = Logged.by(WorkerOutput.class.getName())) {
            Thread.startVirtualThread(() -> {
                try {
                    isolated.call(task, Tasks.bytes("600"));
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            System.out.println(WorkerProcesses.awaitBegun(output));
        }
        while (System.in.read() >= 0) {
            // until it is told to end
        }
        System.exit(0);
    }
}
