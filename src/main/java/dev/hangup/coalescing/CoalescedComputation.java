package dev.hangup.coalescing;

/**
 * Computes a result that several requests may be waiting for, in plain blocking code.
 * <p>
 * The computation runs on a virtual thread that belongs to none of these requests. It has the key, but not their scoped values,
 * contexts and thread locals. It is interrupted when no request waits for it any more. {@link dev.hangup.Deadline#current()} is
 * the latest deadline that the server sets for the waiting requests, whatever times their clients ask for. It becomes later when a
 * request with a later one joins.
 *
 * @param <K> the type of the keys; requests with equal keys share a result
 * @param <V> the type of the result, one that Helidon's media support can write. Several threads write the same instance at the
 *            same time, so it must not be modified any more, nor be a stream that can be read only once
 */
@FunctionalInterface
public interface CoalescedComputation<K, V> {
    /**
     * Computes the result.
     *
     * @param key the key of the requests
     * @return the value to send; an empty {@link java.util.Optional} gives status 404, {@code null} gives 204
     * @throws Exception if the computation fails; the same instance is passed to the error handlers of each waiting request
     */
    V compute(K key) throws Exception;
}
