package dev.hangup.process;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * One run of a command. Threads of their own serve its pipes, and may block: reads and writes of pipes cannot be interrupted,
 * and on a virtual thread they would hold the carrier.
 */
record CommandRun(Command command) {
    /** Makes the thread that starts the process and waits for it. */
    static final ThreadFactory THREADS = Thread.ofPlatform().daemon().name("command").factory();
    /** The time to wait for the rest of the pipes' content to be read; enough for a busy machine. */
    private static final long DRAIN_TIMEOUT = TimeUnit.SECONDS.toNanos(1);

    /**
     * Runs the command on the calling thread.
     *
     * @return its result, once none of its processes is left
     * @throws InterruptedException if the thread was interrupted, even before this call; none of its processes is left
     */
    Command.Result call() throws IOException, InterruptedException {
        RunningCommands.enter();
        try {
            if (Thread.interrupted()) {
                throw new InterruptedException("Cancelled before it was started");
            }
            // starting a process does not react to an interrupt; the first wait does
            return await(LaunchedProcess.of(command));
        } finally {
            RunningCommands.leave();
        }
    }

    /** Waits for a process on the calling thread: until it ends, writes too much, or the thread is interrupted. */
    Command.Result await(LaunchedProcess launched) throws IOException, InterruptedException {
        Process process = launched.process();
        Duration grace = command.grace;
        // wakes this thread, which ends the whole tree: a process that may not be signalled would not end, nor one with a full pipe
        Runnable wakeUp = Thread.currentThread()::interrupt;
        Output output = new Output.Bounded(command.maxOutput, wakeUp);
        Output errors = new Output.Tail();
        List<PipeDrain> drains = List.of(new PipeDrain(process.getInputStream(), output, wakeUp),
                                         new PipeDrain(process.getErrorStream(), errors, wakeUp));
        try {
            for (PipeDrain drain : drains) {
                drain.start();
            }
            feed(process.getOutputStream(), command.input);
            process.waitFor();
        } catch (InterruptedException e) {
            if (!output.isOver() && failure(drains).isEmpty()) {
                throw e;
            }
        } finally {
            if (output.isOver()) {
                grace = Duration.ZERO;
            }
            new TreeTermination(process, launched.tree(), grace).run();
            long end = System.nanoTime() + DRAIN_TIMEOUT;
            for (PipeDrain drain : drains) {
                drain.close(end);
            }
        }
        Optional<Throwable> failure = failure(drains);
        if (failure.isPresent()) {
            throw new IOException("The output of " + command.program() + " could not be kept", failure.get());
        }
        boolean lives = process.isAlive();
        int exitCode = lives ? CommandFailedException.NO_EXIT_CODE : process.exitValue();
        Command.Result result = new Command.Result(exitCode, output.bytes(), new String(errors.bytes(), StandardCharsets.UTF_8));
        if (output.isOver()) {
            throw new CommandFailedException(command.program() + (lives ? " could not be killed" : " was killed")
                                                     + ": it wrote more than " + command.maxOutput + " bytes", result);
        }
        return result;
    }

    private static Optional<Throwable> failure(List<PipeDrain> drains) {
        return drains.stream().flatMap(it -> it.failure().stream()).findFirst();
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
                // the process reads no more
            }
        });
    }
}
