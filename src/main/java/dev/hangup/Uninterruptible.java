package dev.hangup;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;

import dev.hangup.internal.race.OffThreadTask;

/**
 * Work that an interrupt must not touch, or does not stop: it says itself what stops it.
 * <p>
 * It runs on a thread of its own, with the scoped values and the Helidon context of its caller, and nobody interrupts that
 * thread. The caller waits until the work has ended, whatever happens. When the caller is interrupted meanwhile (its
 * client has left, its deadline has passed, the server stops) the cancellation is stopped: the actions that are registered with
 * it then are run, and nothing new can be registered. The call throws {@link InterruptedException} once the work has ended.
 * <p>
 * What blocks inside a cancellation while no action is registered cannot be stopped.
 */
public final class Uninterruptible {
    /** How long the end of a registration waits for an action that has begun. */
    static final Duration ACTION_TIME = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().name("uninterruptible").factory();

    private Uninterruptible() {
    }

    /**
     * Runs work uninterruptibly, on a virtual thread.
     *
     * @param work given the cancellation, to register with what stops it
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
     * Runs work uninterruptibly that one action stops. If the stop comes first, the work is not begun.
     *
     * @param action what stops the work; run at most once, and never after the work has ended
     * @param work   the work
     * @param <T>    type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted before the work had ended; its cause is what the work
     *                              threw, if anything
     * @throws Exception            what the work threw
     */
    public static <T> T call(CancelAction action, Callable<T> work) throws Exception {
        return call(cancellation -> {
            try (CancelRegistration ignored = cancellation.onCancel(action)) {
                return work.call();
            }
        });
    }

    /**
     * Runs work uninterruptibly, on a thread of another kind: work that computes, or calls native code, needs a platform thread.
     *
     * @param threads makes the thread
     * @param work    given the cancellation, to register with what stops it
     * @param <T>     type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted before the work had ended; its cause is what the work
     *                              threw, if anything
     * @throws Exception            what the work threw
     */
    public static <T> T callOn(ThreadFactory threads, Work<T> work) throws Exception {
        return call(threads, ACTION_TIME, work);
    }

    /**
     * As {@link #callOn}, with another time for actions that have begun.
     *
     * @param threads    makes the thread
     * @param actionTime how long the end of a registration waits for its action; zero to a day
     * @param work       given the cancellation, to register with what stops it
     * @param <T>        type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted before the work had ended; its cause is what the work
     *                              threw, if anything
     * @throws Exception            what the work threw
     */
    public static <T> T call(ThreadFactory threads, Duration actionTime, Work<T> work) throws Exception {
        if (actionTime.isNegative() || actionTime.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("action time must be from PT0S to " + LONGEST + ", but is " + actionTime);
        }
        Cancellation cancellation = new Cancellation(actionTime);
        return OffThreadTask.call("uninterruptible", threads, () -> {
            try {
                return work.call(cancellation);
            } finally {
                cancellation.close();
            }
        }, ignored -> cancellation.request());
    }

    /**
     * Work uninterruptibly.
     *
     * @param <T> type of what it computes
     */
    @FunctionalInterface
    public interface Work<T> {
        /**
         * Do it.
         *
         * @param cancellation to register with what stops it; of no use after this has returned
         * @return what is computed
         * @throws Exception whatever the work throws
         */
        T call(Cancellation cancellation) throws Exception;
    }
}
