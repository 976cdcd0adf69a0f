package dev.hangup.process;

import java.io.IOException;

import dev.hangup.internal.text.Printable;

/**
 * A command ended otherwise than it should have. Its message says so, and nothing of what the program said: Helidon shows
 * messages to clients. What it said last on its standard error is a part of {@link #toString()}, for logs.
 */
public final class CommandFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** The exit code of the command. */
    private final int exitCode;
    /** What the command wrote to its standard error. */
    private final String errors;

    CommandFailedException(String message, Command.Result result) {
        super(message);
        exitCode = result.exitCode();
        errors = result.errors();
    }

    /**
     * The exit code of its process.
     *
     * @return 128 and the signal's number if a signal ended it
     */
    public int exitCode() {
        return exitCode;
    }

    /**
     * What it wrote to its standard error.
     *
     * @return the last 64 KiB of it
     */
    public String errors() {
        return errors;
    }

    @Override
    public String toString() {
        return super.toString() + lastLine();
    }

    /** On one line whatever it contains. */
    private String lastLine() {
        String last = errors.strip().lines().reduce("", (before, line) -> line);
        return last.isEmpty() ? "" : ": " + Printable.line(last);
    }
}
