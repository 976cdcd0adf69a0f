package dev.hangup.isolated;

/**
 * A task that {@link Isolated#call} runs in another JVM. Its class is on the server's class path, or in a package that its
 * module opens to {@code dev.hangup}, and has a constructor without parameters. Neither class nor constructor has to be public.
 * Each call creates a new instance in its worker.
 * <p>
 * A worker runs one call at a time, but many calls in its life. Static fields, native memory and threads that a task leaves
 * behind remain until the worker ends.
 */
@FunctionalInterface
public interface IsolatedTask {
    /**
     * Runs the task. If the request is cancelled, this method is not interrupted; its JVM is killed, so no {@code finally}
     * block runs.
     *
     * @param input the input of the call
     * @return the result, not {@code null}
     * @throws Exception if the task fails; passed back to the server
     */
    byte[] run(byte[] input) throws Exception;
}
