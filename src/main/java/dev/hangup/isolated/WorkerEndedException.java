package dev.hangup.isolated;

/**
 * Thrown when the worker's process ended during a call that was not cancelled. For example, native code crashed, the task
 * called {@link System#exit}, memory was exhausted, or the process was killed. Other calls are not affected, and another worker
 * takes its place.
 */
public final class WorkerEndedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int FIRST_SIGNAL = 128;
    private static final int OUT_OF_MEMORY = 3;
    private static final int SIGKILL = 9;

    /** The exit code of the worker. */
    private final int exitCode;

    WorkerEndedException(long pid, int exitCode, Throwable cause) {
        super("The worker (process " + pid + ") ended during the call: " + how(exitCode), cause);
        this.exitCode = exitCode;
    }

    /**
     * Returns the exit code of the process.
     *
     * @return the exit code: 3 if the heap was exhausted (or the task called {@code System.exit(3)}); 128 plus the number of a
     *         signal, such as 134 after {@code abort()}
     */
    public int exitCode() {
        return exitCode;
    }

    /** Whether the process was killed, and did not end by itself. */
    boolean isKilled() {
        return exitCode == FIRST_SIGNAL + SIGKILL;
    }

    private static String how(int exitCode) {
        if (exitCode > FIRST_SIGNAL) {
            return "signal " + (exitCode - FIRST_SIGNAL);
        }
        return "exit code " + exitCode + (exitCode == OUT_OF_MEMORY ? ", perhaps because it was out of memory" : "");
    }
}
