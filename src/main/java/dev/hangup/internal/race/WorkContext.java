package dev.hangup.internal.race;

import dev.hangup.Cancellation;
import dev.hangup.Deadline;

/**
 * What a thread, and the forks of its task scopes, work for: one request, as a {@link Race}, or something that several
 * requests wait for.
 */
public interface WorkContext {
    /**
     * When the work is stopped, as far as is known now.
     *
     * @return the deadline
     */
    Deadline deadline();

    /**
     * Whether and why the work is cancelled.
     *
     * @return its cancellation
     */
    Cancellation cancellation();

    /**
     * Whether the work is being stopped, or is about to be, so that it need not begin anything any more.
     *
     * @return whether nobody waits for it
     */
    boolean over();

    /**
     * By what it is known in thread dumps.
     *
     * @return its number, and what it is
     */
    String name();

    /**
     * The work goes on on another thread: its own, or that of an {@link OffThreadTask}. For who wants to see where it is.
     *
     * @param thread the thread
     * @return the one that it was on before, or {@code null}
     */
    Thread moveTo(Thread thread);
}
