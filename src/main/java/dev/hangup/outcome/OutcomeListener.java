package dev.hangup.outcome;

/**
 * Receives events of requests under Hangup. Logs, metrics, flight recordings and the demo's page are built on it; tracing can
 * be.
 * <p>
 * Each listener of an application is notified on a platform thread of its own, of one event at a time. The events of one
 * request arrive in the order in which they happened. A listener may therefore block. An exception that it throws is logged and
 * dropped; it affects neither requests nor other listeners. Events arrive a few milliseconds late, so each carries the time at
 * which it happened. While 100,000 events are pending for a listener, besides those that its thread has taken to deliver them,
 * further events are lost. The thread takes all pending events once it has delivered those that it took before, at most 100,000;
 * once none are left, it logs how many were lost. When a server stops, it waits for its listeners for at most three seconds.
 */
@FunctionalInterface
public interface OutcomeListener {
    /**
     * Called once for each request, when its work has begun. For work that ends within a moment, this call comes together with
     * {@link #decided} and {@link #ended}.
     *
     * @param request the request
     */
    default void started(RequestStart request) {
    }

    /**
     * Called once for each request that was {@link #started}, when its outcome is decided. Work that was cancelled may still be
     * running.
     *
     * @param decision the decision
     */
    default void decided(RequestDecision decision) {
    }

    /**
     * Called once for each request that was {@link #decided}, when its work has ended and its response, if any, was written.
     *
     * @param end the end of the request
     */
    void ended(RequestEnd end);

    /**
     * Called at most once for each piece of work, when it has not ended within {@code unresponsive-after} of its cancellation.
     * This call comes even while work holds all carriers of virtual threads.
     *
     * @param work the work and its stack trace
     */
    default void unresponsive(UnresponsiveWork work) {
    }

    /**
     * Called once for each piece of work that was reported as {@link #unresponsive}, when it has ended. The call comes before
     * or after {@link #ended} of the same request.
     *
     * @param work the work, and how long it took to stop
     */
    default void unresponsiveEnded(UnresponsiveWork work) {
    }

    /**
     * Called for each exception that work throws when no request waits for it any more, unless the cancellation of the work
     * caused the exception. Exceptions that the work of a request throws after its cancellation, but before the end of the
     * request, are in {@link RequestEnd#thrown()} instead: each exception is reported once.
     *
     * @param failure the exception, and the request that the work began for
     */
    default void threw(WorkFailure failure) {
    }

    /**
     * Called when the number of carriers of virtual threads changes because all of them were held. Carriers belong to the JVM
     * as a whole, so the listeners of all its servers are notified.
     *
     * @param report what happened
     */
    default void carriers(CarrierReport report) {
    }
}
