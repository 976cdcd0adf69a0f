package dev.hangup;

import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;

import dev.hangup.internal.race.CancelActions;
import dev.hangup.internal.race.OffThreadTask;

/**
 * Runs work that an interrupt must not reach or cannot stop, such as native code.
 * <p>
 * The work runs on a thread of its own, with the scoped values, the Helidon context and the logging context of its caller.
 * Nobody interrupts that thread. The caller always waits until the work has ended. If the caller is interrupted meanwhile, as
 * happens when a request is cancelled, the {@link Cancellation} of this work is requested: the actions that the work has
 * registered run, and no more can be registered. The call throws {@link InterruptedException} once the work has ended, with
 * what the work threw, if anything, as its cause. If the caller is interrupted before the work has begun, the work does not
 * begin.
 * <p>
 * Work that blocks while no action is registered cannot be stopped, unless it blocks in a call of Hangup. The cancellation of
 * this work cancels what the work, or a subtask in one of its task scopes, calls meanwhile: a command, a {@link
 * dev.hangup.cpu.CpuBound computation}, an {@link dev.hangup.isolated.Isolated isolated} task, database work, a nested {@code
 * Uninterruptible.call}, and the wait for a connection or in an {@linkplain dev.hangup.admission.AdmissionQueue admission
 * queue}. Such a call ends as it does when its caller is interrupted: with an {@link InterruptedException}, once everything that it
 * has begun has ended. A call made after the cancellation starts nothing.
 * <p>
 * The caller need not be the work of a request.
 */
public final class Uninterruptible {
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().name("uninterruptible").factory();

    private Uninterruptible() {
    }

    /**
     * Runs work on a virtual thread. The work finds its cancellation with {@link Cancellation#current()}.
     *
     * @param work the work
     * @param <T>  the type of what it computes
     * @return what it computed
     * @throws InterruptedException if the calling thread was interrupted, or the uninterruptible work around this call was
     *                              cancelled, before the work had ended
     * @throws Exception            what the work threw
     */
    public static <T> T call(Callable<T> work) throws Exception {
        return callOn(VIRTUAL, work);
    }

    /**
     * Runs work on a virtual thread, with one action that cancels it.
     *
     * @param action cancels the work; runs once at most, and never after the work has ended
     * @param work   the work
     * @param <T>    the type of what it computes
     * @return what it computed
     * @throws InterruptedException if the calling thread was interrupted, or the uninterruptible work around this call was
     *                              cancelled, before the work had ended
     * @throws Exception            what the work threw
     */
    public static <T> T call(Cancellation.Action action, Callable<T> work) throws Exception {
        return call(() -> {
            try (Cancellation.Registration ignored = Cancellation.current().onCancel(action)) {
                return work.call();
            }
        });
    }

    /**
     * Runs work on a thread of another kind. Native code that computes for long needs a platform thread.
     *
     * @param threads makes the thread
     * @param work    the work
     * @param <T>     the type of what it computes
     * @return what it computed
     * @throws InterruptedException if the calling thread was interrupted, or the uninterruptible work around this call was
     *                              cancelled, before the work had ended
     * @throws Exception            what the work threw
     */
    public static <T> T callOn(ThreadFactory threads, Callable<T> work) throws Exception {
        return OffThreadTask.callUninterrupted("uninterruptible", threads, CancelActions.ACTION_TIME, work);
    }
}
