package dev.hangup.isolated;

/**
 * What is done in another JVM, by {@link Isolated#call}: a class on the server's class path, or in a package that its
 * module opens to {@code dev.hangup}, with a constructor without parameters; neither has to be public. Each call makes a new
 * instance of it in its worker.
 * <p>
 * A worker does one call at a time, but many in its life: what a task leaves in static fields or native memory, and the
 * threads that it starts, stay until the worker ends.
 */
@FunctionalInterface
public interface IsolatedTask {
    /**
     * Does it. Not interrupted when nobody wants the result any more: the JVM that it runs in is killed, so no
     * {@code finally} block runs then.
     *
     * @param input what the server gave
     * @return the result, not {@code null}
     * @throws Exception handed back to the server
     */
    byte[] run(byte[] input) throws Exception;
}
