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
 * A program to run in a process of its own, as a part of a request's work:
 * <pre>{@code
 * Hangup.cancellable(request -> Command.of("pdftotext", file.toString(), "-").output())
 * }</pre>
 * The program gets its arguments as they are; no shell looks at them.
 * <p>
 * A call returns or throws when the program's process <em>and all that descend from it</em> have ended. When the calling
 * thread is interrupted, as a race does to work that has lost (the client left, the deadline passed, the server stops), all
 * of them are asked to end (SIGTERM, parents first); those that have not done so after the {@linkplain CommandBuilder#grace
 * grace} are killed (SIGKILL). The same becomes of what a program leaves behind that ends by itself: a command has no life
 * in the background. When the JVM exits, the commands that run are stopped likewise, after Helidon's servers were; a JVM
 * that is killed leaves its commands behind.
 * <p>
 * On Linux a descendant is known by its parent, by its session and by a variable in its environment,
 * {@code HANGUP_COMMAND}. Where there is a {@code setsid} program, each command has a session of its own, which keeps a
 * terminal's Ctrl-C from it too. So three things must come together for a process to escape: it has dropped that variable
 * (or was started by another program's daemon, that never had it), has begun a session of its own, and its parent had ended
 * before anybody looked. Elsewhere descendants are known by their parents alone, and those are missed whose parent has
 * ended. What the JVM's user may not signal is not ended; that is logged five seconds after the grace, and the call returns.
 * <p>
 * Immutable; any thread may run it, several at once too.
 */
public final class Command {
    private final List<String> line;
    private final Optional<Path> directory;
    private final Predicate<String> inherited;
    private final Map<String, String> environment;
    private final byte[] input;
    private final int maxOutput;
    private final Duration grace;
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
     * A command with the defaults.
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
     * A builder of a command.
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
     * Runs it, and returns what it said, whatever its exit code.
     *
     * @return how it ended
     * @throws CommandFailedException if it wrote more than {@linkplain CommandBuilder#maxOutput allowed}; it was killed then
     * @throws IOException            if it could not be started
     * @throws InterruptedException   if the calling thread was interrupted, or its request is being stopped; nothing of the
     *                                command runs any more, or was ever started
     * @throws io.helidon.http.HttpException with 503, if it has an {@linkplain CommandBuilder#admission admission} for
     *                                which too many wait already
     */
    public Result run() throws IOException, InterruptedException {
        if (admission.isEmpty()) {
            return runNow();
        }
        try (AdmissionQueue.Permit permit = admission.get().enter()) {
            try {
                return runNow();
            } catch (InterruptedException e) {
                permit.abandoned();
                throw e;
            }
        }
    }

    private Result runNow() throws IOException, InterruptedException {
        OffThreadTask.ensureNotCancelled();
        try {
            return OffThreadTask.call("command", CommandRun.THREADS, new CommandRun(this)::call, Thread::interrupt);
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Runs it, and returns its standard output.
     *
     * @return the bytes
     * @throws CommandFailedException if it ended with another exit code than zero, or wrote more than
     *                                {@linkplain CommandBuilder#maxOutput allowed}
     * @throws IOException            if it could not be started
     * @throws InterruptedException   as {@link #run()} does
     * @throws io.helidon.http.HttpException as {@link #run()} does
     */
    public byte[] output() throws IOException, InterruptedException {
        Result result = run();
        if (result.exitCode() != 0) {
            throw new CommandFailedException(program() + " ended with " + result.exitCode(), result);
        }
        return result.output();
    }

    /** The program alone: arguments may be what a client sent, and not for logs. */
    @Override
    public String toString() {
        return "Command " + program();
    }

    String program() {
        return line.getFirst();
    }

    List<String> line() {
        return line;
    }

    Optional<Path> directory() {
        return directory;
    }

    Predicate<String> inherited() {
        return inherited;
    }

    Map<String, String> environment() {
        return environment;
    }

    byte[] input() {
        return input;
    }

    int maxOutput() {
        return maxOutput;
    }

    Duration grace() {
        return grace;
    }

    /**
     * How a command ended.
     *
     * @param exitCode of its process; 128 and the signal's number if a signal ended it
     * @param output   all of its standard output
     * @param errors   the last 64 KiB of its standard error
     */
    public record Result(int exitCode, byte[] output, String errors) {
    }
}
