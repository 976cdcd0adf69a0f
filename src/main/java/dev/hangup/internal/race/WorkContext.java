package dev.hangup.internal.race;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;

/**
 * The work that a thread and the forks of its task scopes belong to: one request, represented by its {@link Race}, or a call
 * shared by several requests.
 */
public interface WorkContext {
    /**
     * Returns the current deadline of the work.
     *
     * @return the deadline
     */
    Deadline deadline();

    /**
     * Returns the cancellation of the work.
     *
     * @return the cancellation
     */
    Cancellation cancellation();

    /**
     * Returns whether the work is cancelled or about to be, so that it should start nothing new.
     *
     * @return whether no request waits for the work any more
     */
    boolean over();

    /**
     * Returns the name of the work in thread dumps.
     *
     * @return number and description
     */
    String name();

    /**
     * Records that the work continues on another thread: its own, or that of an {@link OffThreadTask}. The record serves to find
     * the work's stack.
     *
     * @param thread the thread
     * @return the previous thread, or {@code null}
     */
    Thread moveTo(Thread thread);

    /**
     * Reports what a cancelled part of the work has thrown: a cancel action, or a task whose caller gets an {@link
     * InterruptedException} instead and may drop it. An exception that the cancellation itself causes is ignored, and one that
     * the work throws as well is reported once. Does not block.
     *
     * @param thrown the exception
     */
    void threw(Throwable thrown);
}
