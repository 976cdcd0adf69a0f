package dev.hangup.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

import dev.hangup.admission.AdmissionQueue;
import dev.hangup.internal.race.OffThreadTask;

/**
 * A program that is run in a process of its own, as a part of a request's work:
 * <pre>{@code
 * Hangup.cancellable(request -> Command.of("pdftotext", file.toString(), "-").output())
 * }</pre>
 * The arguments are passed to the program unchanged; no shell interprets them.
 * <p>
 * A call returns or throws only when the program's process <em>and all its descendants</em> have ended. If the calling thread
 * is interrupted, because the client left, the deadline passed or the server stops, these processes are asked to end (SIGTERM,
 * parents first). Processes that still run after the {@linkplain CommandBuilder#grace grace period} are killed (SIGKILL). If a
 * program ends by itself, its remaining descendants are ended in the same way, so a command leaves nothing in the background.
 * When the JVM exits, running commands are ended likewise, after Helidon's servers have stopped; not if the JVM was already exiting
 * when its first command began. A JVM that is killed leaves its commands running.
 * <p>
 * On Linux, a descendant is recognised by its parent, by its session or by a variable in its environment,
 * {@code HANGUP_COMMAND}. If a {@code setsid} program exists, each command has a session of its own; a Ctrl-C in the terminal
 * then does not reach it. A process escapes only if three conditions coincide. It has dropped that variable, or was started by
 * a daemon that never had it; it has begun a session of its own; and its parent ended before it was seen. On other systems,
 * descendants are recognised by their parents alone, so processes whose parent has ended are missed. Processes that the JVM's
 * user may not signal are not ended; this is logged five seconds after the grace period, and the call returns.
 * <p>
 * Instances are immutable. Any number of threads may run the same command at the same time.
 */
public final class Command {
    final List<String> line;
    final Optional<Path> directory;
    final Predicate<String> inherited;
    final Map<String, String> environment;
    final byte[] input;
    final int maxOutput;
    final Duration grace;
    private final Optional<AdmissionQueue> admission;

    Command(CommandBuilder builder) {
        line = List.copyOf(builder.line);
        directory = builder.directory;
        inherited = builder.inherited;
        environment = Map.copyOf(builder.environment);
        input = builder.input;
        maxOutput = builder.maxOutput;
        grace = builder.grace;
        admission = builder.admission;
    }

    /**
     * Creates a command with the defaults.
     *
     * @param program   a path, or a name to look for in the server's {@code PATH}
     * @param arguments its arguments
     * @return the command
     * @throws IllegalArgumentException if one of them cannot be passed to a process
     */
    public static Command of(String program, String... arguments) {
        return builder(program, arguments).build();
    }

    /**
     * Returns a builder of a command.
     *
     * @param program   a path, or a name to look for in the server's {@code PATH}
     * @param arguments its arguments
     * @return the builder, with the defaults
     * @throws IllegalArgumentException if one of them cannot be passed to a process
     */
    public static CommandBuilder builder(String program, String... arguments) {
        return new CommandBuilder(program).arguments(arguments);
    }

    /**
     * Runs this command, and returns its result, whatever its exit code.
     *
     * @return the exit code and the output
     * @throws CommandFailedException        if the command was killed because it wrote more than
     *                                       {@linkplain CommandBuilder#maxOutput allowed}, or could not be killed then
     * @throws IOException                   if the command could not be started, or its output could not be kept
     * @throws InterruptedException          if the calling thread was interrupted, or its request is cancelled; no process of
     *                                       the command is left
     * @throws io.helidon.http.HttpException with 503, if the queue of its {@linkplain CommandBuilder#admission admission} is
     *                                       full
     */
    public Result run() throws IOException, InterruptedException {
        try {
            return admission.isPresent() ? admission.get().run(this::runNow) : runNow();
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private Result runNow() throws Exception {
        OffThreadTask.ensureNotCancelled();
        return OffThreadTask.call("command", CommandRun.THREADS, new CommandRun(this)::call, Thread::interrupt);
    }

    /**
     * Runs this command, and returns its standard output.
     *
     * @return the bytes
     * @throws CommandFailedException        if the exit code was not zero, or if the command wrote more than
     *                                       {@linkplain CommandBuilder#maxOutput allowed}
     * @throws IOException                   if the command could not be started, or its output could not be kept
     * @throws InterruptedException          as {@link #run()} does
     * @throws io.helidon.http.HttpException as {@link #run()} does
     */
    public byte[] output() throws IOException, InterruptedException {
        Result result = run();
        if (result.exitCode() != 0) {
            throw new CommandFailedException(program() + " ended with " + result.exitCode(), result);
        }
        return result.output();
    }

    /** Returns the program only: arguments may come from a client, and do not belong in logs. */
    @Override
    public String toString() {
        return "Command " + program();
    }

    String program() {
        return line.getFirst();
    }

    /**
     * The result of a command.
     *
     * @param exitCode the exit code of its process; 128 plus the signal's number if a signal ended it
     * @param output   all of its standard output
     * @param errors   the last 64 KiB of its standard error
     */
    public record Result(int exitCode, byte[] output, String errors) {
    }
}
