package dev.hangup.internal.race;

import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.outcome.Outcome;

import io.helidon.webserver.http.ServerRequest;

/**
 * Where a piece of work of a route is, and when it was cancelled: how it is found out that it is
 * {@linkplain UnresponsiveRegistry unresponsive}.
 */
public final class WorkTracker {
    private final UnresponsiveRegistry unresponsive;
    private final RoutePolicy route;
    private final ServerRequest request;
    /** The work's own thread, or that of an {@link OffThreadTask}; {@code null} before and after. Written by these. */
    private volatile Thread workThread;
    /** Set if the work was cancelled while it went on. Written by the thread that cancels it. */
    private volatile UnresponsiveRegistry.CancelledWork cancelled;

    WorkTracker(UnresponsiveRegistry unresponsive, RoutePolicy route, ServerRequest request) {
        this.unresponsive = unresponsive;
        this.route = route;
        this.request = request;
    }

    /** The thread that the work is on; {@code null} if it has not begun, or has ended. */
    Thread thread() {
        return workThread;
    }

    /**
     * The work goes on on another thread, or begins there.
     *
     * @param thread the thread
     * @return the one that it was on before, or {@code null}
     */
    public Thread moveTo(Thread thread) {
        Thread before = workThread;
        workThread = thread;
        return before;
    }

    /**
     * The work is being cancelled. To be called at most once, on any thread; does not block. Nothing comes of it if the
     * work has not begun, or has ended.
     *
     * @param outcome why
     */
    public void cancelled(Outcome outcome) {
        if (workThread != null) {
            cancelled = unresponsive.cancelled(route, request, outcome, () -> workThread);
            cancelled.begin();
        }
    }

    /** The work has ended. Does not block. */
    public void ended() {
        workThread = null;
        UnresponsiveRegistry.CancelledWork work = cancelled;
        if (work != null) {
            work.ended();
        }
    }
}
