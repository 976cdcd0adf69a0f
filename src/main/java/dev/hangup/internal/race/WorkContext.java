package dev.hangup.internal.race;

import java.util.Optional;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;
import dev.hangup.internal.outcome.OutcomeReporter;

/**
 * The work that a thread and the subtasks of its task scopes belong to: one request, represented by its {@link Race}, or a call
 * shared by several requests.
 */
public interface WorkContext {
    /** The current deadline of the work; {@code null} if the work has none any more, since its response has begun. */
    Deadline deadline();

    /**
     * The current deadline of the work without regard to the time that its client asks for: that of the route, the server or the
     * work itself; {@code null} if there is none any more. It applies to what the work shares with requests of other clients.
     */
    Deadline serverDeadline();

    /** The cancellation of the work. */
    Cancellation cancellation();

    /** Whether the work is cancelled or about to be, so that it should start nothing new. */
    boolean over();

    /** The name of the work in thread dumps: number and description. */
    String name();

    /**
     * Records that an {@link OffThreadTask} of the work begins on the calling thread. The record serves to find the work's stack.
     * Several tasks may run at a time.
     */
    void enter();

    /** Records that the task on the calling thread has ended. */
    void leave();

    /**
     * Reports what a cancelled part of the work has thrown: a cancel action, or a task whose caller gets an {@link
     * InterruptedException} instead and may drop it. An exception that the cancellation itself causes is ignored, and one that
     * the work throws as well is reported once. Does not block.
     */
    void threw(Throwable thrown);

    /**
     * Returns a tracker for other work that this work starts and that may outlast it. Such work counts for the same route and is
     * reported under the name of the same request. Empty if this work counts for no route.
     */
    Optional<WorkTracker> trackerForDetachedWork();

    /** The reporter of the request that this work was started for; empty if there is none. */
    Optional<OutcomeReporter> reporter();
}
