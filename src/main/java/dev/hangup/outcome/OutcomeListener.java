package dev.hangup.outcome;

/**
 * Is told how requests under Hangup end.
 * <p>
 * Called once for each request, after its work has ended and its answer (if there was one) was written, on the thread of
 * its connection, where another handler may still have to return: return soon. What a listener throws is logged and
 * dropped; it harms neither the request nor other listeners.
 */
@FunctionalInterface
public interface OutcomeListener {
    /**
     * A request has ended.
     *
     * @param end what there is to know of it
     */
    void ended(RequestEnd end);
}
