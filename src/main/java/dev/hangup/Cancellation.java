package dev.hangup;

import java.util.Optional;

import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.outcome.Outcome;

/**
 * The cancellation of the work that a thread does: whether it was requested, why, and which actions it runs.
 * <p>
 * The work of a request under Hangup is cancelled when its client leaves, its deadline passes, the server stops or an operator
 * asks for it. Its thread is interrupted then, and blocking code needs nothing else. This type is for code that no interrupt
 * reaches. A loop that computes polls {@link #isRequested()} or {@link #throwIfRequested()}. Code that calls a library with a
 * cancel function of its own registers that function:
 * <pre>{@code
 * try (Cancellation.Registration ignored = Cancellation.current().onCancel(solver::stop)) {
 *     return solver.solve(model);
 * }
 * }</pre>
 * Instances may be used by any thread. They belong to one piece of work and are of no use after its end.
 */
public interface Cancellation {
    /**
     * Returns the cancellation of the innermost piece of work that the calling thread takes part in. This is
     * <ul>
     * <li>the work of {@link Uninterruptible#call}, which is cancelled when its caller is interrupted, or when the
     * uninterruptible work around it is cancelled;</li>
     * <li>otherwise a computation that several requests share, which is cancelled when the last of them has left;</li>
     * <li>otherwise the request.</li>
     * </ul>
     * Threads that were forked in a task scope by such a thread take part in the same work, as does the thread of a
     * {@link dev.hangup.cpu.CpuBound} computation.
     *
     * @return the cancellation; outside of such work, a cancellation that is never requested
     */
    static Cancellation current() {
        return OffThreadTask.currentCancellation();
    }

    /**
     * Returns whether cancellation was requested. Once it has been requested, this method always returns {@code true}. Once this
     * method has returned {@code true}, nothing that the work returns or writes reaches the client, unless its response was
     * complete.
     *
     * @return whether the work is cancelled
     */
    boolean isRequested();

    /**
     * Returns why cancellation was requested.
     *
     * @return an outcome for which {@link Outcome#stopped()} holds, or empty if cancellation was not requested
     */
    Optional<Outcome> reason();

    /**
     * Throws an exception if cancellation was requested. The interrupt status of the thread is not changed.
     *
     * @throws InterruptedException if cancellation was requested
     */
    default void throwIfRequested() throws InterruptedException {
        if (isRequested()) {
            throw new InterruptedException("The work was cancelled: " + reason().map(Outcome::text).orElse("unknown"));
        }
    }

    /**
     * Registers an action that helps to cancel the work.
     * <p>
     * The action runs once, on a virtual thread of its own, when the work is cancelled while the registration is open. It
     * never starts after the registration was closed or the work has ended. Several registrations may be open; their actions
     * run concurrently, in no order. The work goes on while they run, and the response to the client does not wait for them.
     * Whatever an action throws is logged and changes nothing else.
     *
     * @param action the action
     * @return the registration, to be closed as soon as the action has nothing to cancel any more. A registration that is left
     *         open is closed when the work ends
     * @throws InterruptedException if cancellation had already been requested; the action does not run
     */
    Registration onCancel(Action action) throws InterruptedException;

    /**
     * Registers an action that is repeated until the registration is closed, for libraries that ignore a cancel request made
     * before the call to be cancelled has begun (OR-Tools' {@code stopSearch}, for example, or SQLite's {@code
     * sqlite3_interrupt}).
     * <p>
     * The action runs at once when the work is cancelled, and again after pauses that grow from 10 milliseconds to a second.
     * It never runs concurrently with itself. Everything else is as for {@link #onCancel}.
     *
     * @param action the action
     * @return the registration, to be closed as soon as the action has nothing to cancel any more
     * @throws InterruptedException if cancellation had already been requested; the action does not run
     */
    Registration onCancelRepeating(Action action) throws InterruptedException;

    /** An action that helps to cancel some work. */
    @FunctionalInterface
    interface Action {
        /**
         * Cancels the work, on a virtual thread. {@link Registration#close()} waits while the action runs.
         *
         * @throws Exception if cancelling fails; logged
         */
        void run() throws Exception;
    }

    /** A registered action. */
    interface Registration extends AutoCloseable {
        /**
         * Closes the registration. The action never starts after that. If the action is running, this method waits for its end,
         * so that it cannot cancel a later call. After 5 seconds, this method interrupts the action and returns; the
         * registration is then {@linkplain #isAbandoned() abandoned}. An interrupt of the calling thread does not shorten the
         * wait; the interrupt status stays set. If the action itself calls this method, it does not wait. Closing a closed
         * registration has no effect.
         */
        @Override
        void close();

        /**
         * {@return whether the action was still running when {@link #close()} gave up waiting for it} The action may then end at
         * any later time, so the object that it works on should not be used again.
         */
        boolean isAbandoned();
    }
}
