package dev.hangup.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * A command that runs. Its pipes are served by threads of their own, which may block: reads and writes of pipes can be neither
 * interrupted nor, on a virtual thread, waited for without holding up its carrier.
 */
final class CommandRun {
    /** Makes the thread that starts the process and waits for it. */
    static final ThreadFactory THREADS = Thread.ofPlatform().daemon().name("command").factory();
    /** For what lies in the pipes to be read, by a machine that is busy. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(1);

    private final Command command;

    CommandRun(Command command) {
        this.command = command;
    }

    /**
     * Runs it on the calling thread.
     *
     * @return how it ended, once nothing of it is left
     * @throws InterruptedException if the thread was interrupted, even before this was called; nothing of it is left
     */
    Command.Result call() throws IOException, InterruptedException {
        try (RunningCommands.Place place = RunningCommands.enter()) {
            if (Thread.interrupted()) {
                throw new InterruptedException("Stopped before it was started");
            }
            // nothing in there reacts to an interrupt: it shows in the first wait
            return await(LaunchedProcess.of(command));
        }
    }

    private Command.Result await(LaunchedProcess launched) throws IOException, InterruptedException {
        Process process = launched.process();
        Duration grace = command.grace();
        Output output = new Output.Bounded(command.maxOutput(), () -> process.toHandle().destroyForcibly());
        Output errors = new Output.Tail();
        PipeDrain[] drains = {new PipeDrain(process.getInputStream(), output), new PipeDrain(process.getErrorStream(), errors)};
        try {
            for (PipeDrain drain : drains) {
                drain.start();
            }
            feed(process.getOutputStream(), command.input());
            process.waitFor();
            if (output.isOver()) {
                grace = Duration.ZERO;
            }
        } finally {
            new TreeTermination(process, launched.tree(), grace).run();
            long end = System.nanoTime() + PATIENCE;
            for (PipeDrain drain : drains) {
                drain.close(end);
            }
        }
        Command.Result result = new Command.Result(process.exitValue(), output.bytes(),
                                                   new String(errors.bytes(), StandardCharsets.UTF_8));
        if (output.isOver()) {
            throw new CommandFailedException(command.program() + " was killed: it wrote more than " + command.maxOutput()
                                                     + " bytes", result);
        }
        return result;
    }

    private static void feed(OutputStream stdin, byte[] input) throws IOException {
        if (input.length == 0) {
            stdin.close();
            return;
        }
        Thread.ofPlatform().daemon().name("command-input").start(() -> {
            try (stdin) {
                stdin.write(input);
            } catch (IOException e) {
                // it reads no more
            }
        });
    }
}
