package dev.hangup.work;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;

import dev.hangup.race.OffThreadTask;

/**
 * Work that an interrupt must not touch, or does not stop: it says itself what stops it.
 * <p>
 * It runs on a thread of its own, with the scoped values and the Helidon context of its caller, and nobody interrupts that
 * thread. The caller waits until the work has ended, whatever happens. When the caller is interrupted meanwhile (its
 * client has left, its deadline has passed, the server stops) the shield is stopped: the actions that are registered with it
 * then are run, and nothing new can be registered. The call throws {@link InterruptedException} once the work has ended.
 * <p>
 * What blocks inside a shield while no action is registered cannot be stopped.
 */
public final class Shielded {
    /** How long the end of a registration waits for an action that has begun. */
    static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().name("shielded").factory();

    private Shielded() {
    }

    /**
     * Runs work in a shield, on a virtual thread.
     *
     * @param work given the shield, to register with what stops it
     * @param <T>  type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted before the work had ended; its cause is what the work
     *                              threw, if anything
     * @throws Exception            what the work threw
     */
    public static <T> T call(Work<T> work) throws Exception {
        return callOn(VIRTUAL, work);
    }

    /**
     * Runs work in a shield that one action stops. If the stop comes first, the work is not begun.
     *
     * @param action what stops the work; run at most once, and never after the work has ended
     * @param work   the work
     * @param <T>    type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted before the work had ended; its cause is what the work
     *                              threw, if anything
     * @throws Exception            what the work threw
     */
    public static <T> T call(StopAction action, Callable<T> work) throws Exception {
        return call(shield -> {
            try (Registration ignored = shield.stoppedBy(action)) {
                return work.call();
            }
        });
    }

    /**
     * Runs work in a shield, on a thread of another kind: work that computes, or calls native code, needs a platform thread.
     *
     * @param threads makes the thread
     * @param work    given the shield, to register with what stops it
     * @param <T>     type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted before the work had ended; its cause is what the work
     *                              threw, if anything
     * @throws Exception            what the work threw
     */
    public static <T> T callOn(ThreadFactory threads, Work<T> work) throws Exception {
        return call(threads, PATIENCE, work);
    }

    /**
     * As {@link #callOn}, with another time for actions that have begun.
     *
     * @param threads  makes the thread
     * @param patience how long the end of a registration waits for its action; zero to a day
     * @param work     given the shield, to register with what stops it
     * @param <T>      type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted before the work had ended; its cause is what the work
     *                              threw, if anything
     * @throws Exception            what the work threw
     */
    public static <T> T call(ThreadFactory threads, Duration patience, Work<T> work) throws Exception {
        if (patience.isNegative() || patience.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("patience must be from PT0S to " + LONGEST + ", but is " + patience);
        }
        Shield shield = new Shield(patience);
        return OffThreadTask.call("shielded", threads, () -> {
            try {
                return work.call(shield);
            } finally {
                shield.close();
            }
        }, ignored -> shield.stop());
    }

    /**
     * Work in a shield.
     *
     * @param <T> type of what it computes
     */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Do it.
         *
         * @param shield to register with what stops it; of no use after this has returned
         * @return what is computed
         * @throws Exception whatever the work throws
         */
        T call(Shield shield) throws Exception;
    }
}
