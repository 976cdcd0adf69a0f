package dev.hangup.internal.race;

import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.outcome.Outcome;

import io.helidon.webserver.http.ServerRequest;

/**
 * Tracks the thread of a piece of work of a route and the time of its cancellation, to detect work that is {@linkplain
 * UnresponsiveRegistry unresponsive}.
 */
public final class WorkTracker {
    private final UnresponsiveRegistry unresponsive;
    private final RoutePolicy route;
    private final ServerRequest request;
    /** The thread of the work, or that of an {@link OffThreadTask}; {@code null} before and after. Written by these threads. */
    private volatile Thread workThread;
    /** Set if the work was cancelled while it was running. Written by the thread that cancels it. */
    private volatile UnresponsiveRegistry.CancelledWork cancelled;

    WorkTracker(UnresponsiveRegistry unresponsive, RoutePolicy route, ServerRequest request) {
        this.unresponsive = unresponsive;
        this.route = route;
        this.request = request;
    }

    /** Returns a tracker for other work of the same route and request. */
    public WorkTracker forDetachedWork() {
        return new WorkTracker(unresponsive, route, request);
    }

    /** The thread that the work is on; {@code null} before it begins and after it has ended. */
    Thread thread() {
        return workThread;
    }

    /** Records that the work begins on a thread, or continues on another. Returns the previous thread, or {@code null}. */
    public Thread moveTo(Thread thread) {
        Thread before = workThread;
        workThread = thread;
        return before;
    }

    /**
     * Records that the work is being cancelled. To be called at most once, on any thread; does not block. Has no effect before
     * the work begins or after it has ended.
     */
    public void cancelled(Outcome outcome) {
        if (workThread != null) {
            cancelled = unresponsive.cancelled(route, request, outcome, () -> workThread);
            cancelled.begin();
        }
    }

    /** Records that the work has ended. Does not block. */
    public void ended() {
        workThread = null;
        UnresponsiveRegistry.CancelledWork work = cancelled;
        if (work != null) {
            work.ended();
        }
    }
}
