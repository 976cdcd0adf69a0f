package dev.hangup.internal.race;

import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.outcome.Outcome;

import io.helidon.webserver.http.ServerRequest;

/**
 * Tracks the threads of a piece of work of a route and the time of its cancellation, to detect work that is {@linkplain
 * UnresponsiveRegistry unresponsive}.
 * <p>
 * The work has a thread of its own, from {@link #begins} to {@link #ended}, and each {@link OffThreadTask} of it enters and leaves
 * with another one. Tasks inside of each other leave in reverse order, and tasks of a task scope in any order. The work is taken to
 * be where the task is that has entered last and has not left, or else on its own thread.
 */
public final class WorkTracker {
    @SuppressWarnings("rawtypes")
    private static final AtomicReferenceFieldUpdater<WorkTracker, Deque> TASK_THREADS =
            AtomicReferenceFieldUpdater.newUpdater(WorkTracker.class, Deque.class, "taskThreads");

    private final UnresponsiveRegistry unresponsive;
    private final RoutePolicy route;
    private final ServerRequest request;
    /** The work's own thread; {@code null} before and after. Written by that thread, or by the one that starts it. */
    private volatile Thread workThread;
    /**
     * The threads of the tasks that have entered and have not left, in that order; {@code null} if there was no task. Created by
     * the first of them; each thread adds and removes itself.
     */
    private volatile Deque<Thread> taskThreads;
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

    /** The thread that the work is on, which has not ended; {@code null} before the work begins and after it has ended. */
    Thread thread() {
        Thread own = workThread;
        Deque<Thread> tasks = taskThreads;
        if (own == null || tasks == null) {
            return own;
        }
        Thread last = tasks.peekLast();
        return last == null ? own : last;
    }

    /** Records that the work begins on its own thread. */
    public void begins(Thread thread) {
        workThread = thread;
    }

    /** Records that a task of the work begins on the calling thread. To be followed by {@link #leave}. */
    public void enter() {
        if (taskThreads == null) {
            // settles the race of two tasks, each of which may be the first
            TASK_THREADS.compareAndSet(this, null, new ConcurrentLinkedDeque<>());
        }
        taskThreads.addLast(Thread.currentThread());
    }

    /** Records that the task on the calling thread has ended. Allocates nothing; no effect if {@link #enter} has failed. */
    public void leave() {
        Deque<Thread> tasks = taskThreads;
        if (tasks != null) {
            tasks.removeLastOccurrence(Thread.currentThread());
        }
    }

    /**
     * Records that the work is being cancelled. To be called at most once, on any thread; does not block. Has no effect before
     * the work begins or after it has ended.
     */
    public void cancelled(Outcome outcome) {
        if (workThread != null) {
            cancelled = unresponsive.cancelled(route, request, outcome, this::thread);
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
