package dev.hangup.isolated;

/**
 * The worker's process ended in the middle of a call, and not because the call was stopped: native code crashed, the task
 * called {@link System#exit}, memory was short, or something killed the process. Other calls are not concerned, and
 * another worker takes its place.
 */
public final class WorkerEndedException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final int FIRST_SIGNAL = 128;
    private static final int OUT_OF_MEMORY = 3;

    /** The exit code of the worker. */
    private final int exitCode;

    WorkerEndedException(long pid, int exitCode, Throwable cause) {
        super("The worker (process " + pid + ") ended during the call: " + how(exitCode), cause);
        this.exitCode = exitCode;
    }

    /**
     * The exit code of the process.
     *
     * @return 3 if the heap was exhausted (or the task said {@code System.exit(3)}); 128 and the number of a signal, such as
     *         134 after {@code abort()}
     */
    public int exitCode() {
        return exitCode;
    }

    private static String how(int exitCode) {
        if (exitCode > FIRST_SIGNAL) {
            return "signal " + (exitCode - FIRST_SIGNAL);
        }
        return "exit code " + exitCode + (exitCode == OUT_OF_MEMORY ? ", as when it is out of memory" : "");
    }
}
