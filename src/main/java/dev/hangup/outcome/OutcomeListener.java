package dev.hangup.outcome;

/**
 * Is told what becomes of requests under Hangup: logs, metrics, recordings and pages are built on it, and tracing can be.
 * <p>
 * Each listener of an application's is told on a platform thread that nobody else waits for, of one thing after the other; of
 * each request in the order in which it happened. So it may take its time, and what it throws is logged and dropped: it harms
 * neither requests nor other listeners. It is told a few milliseconds late, which is why all that it is told says when it was;
 * and who has not come to a hundred thousand things is not told of more until then, which is logged. When a server stops, it
 * waits for its listeners, for three seconds at most.
 */
@FunctionalInterface
public interface OutcomeListener {
    /**
     * A request's work has begun. Called once for each request; of work that is over within a moment, together with
     * {@link #decided} and {@link #ended}.
     *
     * @param request the request
     */
    default void started(RequestStart request) {
    }

    /**
     * How a request ends was decided. If its work was cancelled, it may still be running. Called once for each request that
     * was {@link #started}.
     *
     * @param decision what was decided
     */
    default void decided(RequestDecision decision) {
    }

    /**
     * A request has ended: its work has, and its answer (if there was one) was written. Called once for each that was
     * {@link #decided}.
     *
     * @param end what there is to know of it
     */
    void ended(RequestEnd end);

    /**
     * Work has not ended within the {@code unresponsive-after} after it was cancelled. Called at most once for each piece of
     * work. It runs even when work keeps all carriers of virtual threads to itself.
     *
     * @param work what it is, and where
     */
    default void unresponsive(UnresponsiveWork work) {
    }

    /**
     * Work that {@link #unresponsive} told of has ended. Called once for each of these, before or after {@link #ended} is told of
     * the same request.
     *
     * @param work what it was, and how long it took to stop
     */
    default void unresponsiveEnded(UnresponsiveWork work) {
    }

    /**
     * Carriers of virtual threads were all held, so more were added; or it is over. This concerns the JVM as a whole: the
     * listeners of each of its servers are told.
     *
     * @param report what happened
     */
    default void carriers(CarrierReport report) {
    }
}
