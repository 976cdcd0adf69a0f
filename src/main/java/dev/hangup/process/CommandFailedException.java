package dev.hangup.process;

import java.io.IOException;

import dev.hangup.internal.text.Printable;

/**
 * Thrown when a command did not end as it should. The message contains no output of the program, since Helidon shows messages
 * to clients. {@link #toString()}, meant for logs, includes the last line of the standard error.
 */
public final class CommandFailedException extends IOException {
    /** The exit code of a process that could not be ended. */
    static final int NO_EXIT_CODE = -1;
    private static final long serialVersionUID = 1L;

    /** The exit code of the command. */
    private final int exitCode;
    /** The last part of the command's standard error. */
    private final String errors;

    CommandFailedException(String message, Command.Result result) {
        super(message);
        exitCode = result.exitCode();
        errors = result.errors();
    }

    /**
     * {@return the exit code of the process; 128 plus the signal's number if a signal ended it, and -1 if it still runs, since the
     * JVM's user may not signal it}
     */
    public int exitCode() {
        return exitCode;
    }

    /** {@return the last 64 KiB of the standard error of the command} */
    public String errors() {
        return errors;
    }

    @Override
    public String toString() {
        return super.toString() + lastLine();
    }

    /** Returns the last line of the standard error, without line separators of any kind. */
    private String lastLine() {
        String last = errors.strip().lines().reduce("", (before, line) -> line);
        return last.isEmpty() ? "" : ": " + Printable.line(last);
    }
}
