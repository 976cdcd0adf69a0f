package dev.hangup.coalescing;

/**
 * Computes what several requests may be waiting for; plain blocking code.
 * <p>
 * Runs on a virtual thread that belongs to none of them, without their scoped values, contexts and thread locals: all that
 * it knows of them is the key. It is interrupted when nobody waits for it any more. {@link dev.hangup.Deadline#current()}
 * is the latest deadline of those who wait.
 *
 * @param <K> what requests have in common that want the same
 * @param <V> type of the value, one that Helidon's media support can write; written once for each request, at the same time
 *            by several threads, so nobody may change it any more, and it cannot be a stream that is read but once
 */
@FunctionalInterface
public interface CoalescedComputation<K, V> {
    /**
     * Compute the answer.
     *
     * @param key extracted from the requests
     * @return the value to send; an empty {@link java.util.Optional} is answered with 404, {@code null} with 204
     * @throws Exception goes to the error handlers of each request that waits, the same instance to all
     */
    V compute(K key) throws Exception;
}
