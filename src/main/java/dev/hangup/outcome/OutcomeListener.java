package dev.hangup.outcome;

/**
 * Is told how requests under Hangup end, and of work that goes on although it was told to stop.
 * <p>
 * What a listener throws is logged and dropped; it harms neither the request nor other listeners.
 */
@FunctionalInterface
public interface OutcomeListener {
    /**
     * A request has ended. Called once for each, after its work has ended and its answer (if there was one) was written, on
     * the thread of its connection, where another handler may still have to return: return soon.
     *
     * @param end what there is to know of it
     */
    void ended(RequestEnd end);

    /**
     * Work has not ended within the {@code stubborn-grace} after it was told to stop. Called at most once for each piece of
     * work, on a thread that nobody but this listener waits for, a platform thread: it runs even when work keeps all carriers
     * of virtual threads to itself. Who takes long here is told of the next piece later; who has not come to a thousand of
     * them is not told of more.
     *
     * @param work what it is, and where
     */
    default void stubborn(StubbornWork work) {
    }

    /**
     * Work that {@link #stubborn} told of has ended. Called once for each of these, later, on a thread as there; before or
     * after {@link #ended} is told of the same request.
     *
     * @param work what it was, and how long it took to stop
     */
    default void stubbornEnded(StubbornWork work) {
    }
}
