package dev.hangup.internal.race;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.hangup.Cancellation;
import dev.hangup.internal.time.StartGate;
import dev.hangup.outcome.Outcome;

/**
 * Work of a request that needs a thread other than a virtual one, or that does not react to an interrupt.
 * <p>
 * The calling thread waits until the task has ended, in every case. A race interrupts the calling thread when the work has lost.
 * The calling thread does not pass the interrupt on, but runs the task's cancel action instead: once, and never after the task
 * has ended. All work other than plain blocking code on a virtual thread runs in such tasks.
 *
 * <h2>Tasks inside of tasks</h2>
 * The cancellation of a task cancels the tasks that are called inside of it, at any depth, including in subtasks of its task
 * scopes. If the cancel action of the outer task interrupts its thread, that interrupt cancels the inner task. Nobody interrupts
 * the thread of a task that has a cancellation of its own ({@link #callUninterrupted}). The cancellation wakes up the threads that
 * wait in an inner call instead, and each of them cancels its inner task as it does when it is interrupted. So in both cases
 * the cancel action of the inner task runs on the thread that has called the inner task, at most once, and never after the
 * inner task has ended or its call has returned. An inner task that is called after the cancellation is cancelled before it
 * begins. Its caller waits for its end in every case, so the outer task ends after all inner ones.
 *
 * @param <T> type of the result
 */
public final class OffThreadTask<T> {
    private static final System.Logger LOGGER = System.getLogger(OffThreadTask.class.getName());
    private static final TaskScopes SCOPES = TaskScopes.load();

    /** The work that this task belongs to; {@code null} if unknown. */
    private final WorkContext context;
    /** The cancellation of this task alone; {@code null} if the task shares the cancellation of its work. */
    private final CancelActions cancellation;
    private final ThreadFactory threads;
    private final Callable<? extends T> work;
    private final Consumer<Thread> onCancel;
    private final CallerContext caller = CallerContext.capture();
    /** The task that called this one; {@code null} if none did. */
    private final OffThreadTask<?> outer = Current.task();
    /** Wakes up the waiting thread: once when the task has ended, and when an enclosing task is cancelled. */
    private final Semaphore wakeUps = new Semaphore(0);

    /** Settles the races of the cancellation with the task's beginning and with its end. */
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    /** Written by the task's thread before it is {@link State#RUNNING}. */
    private volatile Thread thread;
    /** Written by the task's thread before it has ended. */
    private T value;
    private Throwable thrown;
    /** Written by the task's thread last, before it wakes up the waiting thread. */
    private volatile boolean ended;
    /** Whether the waiting thread was interrupted too late to cancel the task. Owned by that thread. */
    private boolean interrupted;

    private OffThreadTask(WorkContext context, CancelActions cancellation, ThreadFactory threads, Callable<? extends T> work,
                          Consumer<Thread> onCancel) {
        this.context = context;
        this.cancellation = cancellation;
        this.threads = threads;
        this.work = work;
        this.onCancel = onCancel;
    }

    /**
     * Runs a task on a separate thread, and returns when the task has ended. The task sees the scoped values, the Helidon context
     * and the logging context of the calling thread, which need not work for a request. Throws what the task throws.
     *
     * @param name     name of the task scope, for thread dumps
     * @param onCancel receives the task's thread if the calling thread is interrupted, or an enclosing task is cancelled, before
     *                 the task has ended. Runs on the calling thread, or on the task's thread before the task begins. Must not
     *                 block; exceptions are logged
     * @throws InterruptedException if the calling thread was interrupted, or an enclosing task was cancelled, before the task had
     *                              ended; the interrupt status is cleared. The result of the task is discarded; an exception of
     *                              the task becomes the cause. After an interrupt that came too late, this is not thrown, and
     *                              the interrupt status is set
     */
    public static <T> T call(String name, ThreadFactory threads, Callable<? extends T> work, Consumer<Thread> onCancel)
            throws Exception {
        return call(name, threads, Current.context(), null, work, onCancel);
    }

    /**
     * As {@link #call(String, ThreadFactory, Callable, Consumer)}, on a virtual thread that is interrupted on cancellation, and
     * for the given context: {@link dev.hangup.Deadline#current()} returns the deadline of that context.
     */
    public static <T> T callFor(String name, WorkContext context, Callable<? extends T> work) throws Exception {
        return call(name, Thread.ofVirtual().name(name).factory(), context, null, work, Thread::interrupt);
    }

    /**
     * As {@link #call(String, ThreadFactory, Callable, Consumer)}, with a cancellation of its own instead of an interrupt. A task
     * that is cancelled before it has begun does not begin.
     *
     * @param actionTime how long the close of a registration waits for an action that is still running; not negative
     */
    public static <T> T callUninterrupted(String name, ThreadFactory threads, Duration actionTime, Callable<? extends T> work)
            throws Exception {
        Cancellation around = currentCancellation();
        AtomicReference<Outcome> reason = new AtomicReference<>();
        WorkContext context = Current.context();
        CancelActions cancellation = new CancelActions(reason::get, actionTime,
                                                       context == null ? OffThreadTask::actionFailed : context::threw);
        return call(name, threads, context, cancellation, () -> {
            cancellation.throwIfRequested();
            try {
                return work.call();
            } finally {
                cancellation.close();
            }
        }, ignored -> {
            reason.set(around.reason().orElse(Outcome.CANCELLED));
            cancellation.begin();
        });
    }

    /** The cancellation of this task alone; {@code null} if its thread is interrupted instead. */
    CancelActions ownCancellation() {
        return cancellation;
    }

    /** As {@link Cancellation#current()}. */
    public static Cancellation currentCancellation() {
        for (OffThreadTask<?> task = Current.task(); task != null; task = task.outer) {
            if (task.cancellation != null) {
                return task.cancellation;
            }
        }
        WorkContext context = Current.context();
        return context == null ? CancelActions.NEVER : context.cancellation();
    }

    /**
     * Ensures that the work of the calling thread is not cancelled. To be called before starting something.
     *
     * @throws InterruptedException if the thread is interrupted, or its work or an enclosing task is being cancelled; the
     *                              interrupt status is cleared
     */
    public static void ensureNotCancelled() throws InterruptedException {
        WorkContext context = Current.context();
        if (Thread.interrupted() || context != null && context.over() || enclosingCancelled()) {
            throw new InterruptedException("The work was cancelled");
        }
    }

    /** Whether an enclosing task that has a cancellation of its own is cancelled. */
    private static boolean enclosingCancelled() {
        OffThreadTask<?> task = Current.task();
        while (task != null && (task.cancellation == null || !task.cancellation.isRequested())) {
            task = task.outer;
        }
        return task != null;
    }

    /**
     * Interrupts the calling thread if its work is cancelled and reacts to interrupts. To be called where an interrupt of another
     * origin was cleared, since the interrupt status may have been that of the cancellation, too. If the cancellation has yet to
     * interrupt the thread, it does so a second time.
     */
    public static void restoreInterrupt() {
        OffThreadTask<?> task = Current.task();
        WorkContext context = Current.context();
        if (context != null && (task == null || task.cancellation == null) && context.cancellation().isRequested()) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Returns the thread of the innermost enclosing task whose thread was created by the given factory. This may be the calling
     * thread itself. A task encloses the tasks that it calls and the threads that it forks in task scopes, at any depth.
     */
    public static Optional<Thread> enclosingThread(ThreadFactory threads) {
        OffThreadTask<?> task = Current.task();
        while (task != null && task.threads != threads) {
            task = task.outer;
        }
        return Optional.ofNullable(task).map(it -> it.thread);
    }

    /**
     * Throws what code has thrown on another thread. Never returns; it has a result type so that a call can be used as an
     * expression.
     */
    public static <T> T rethrow(Throwable thrown) throws Exception {
        switch (thrown) {
        case Exception e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(thrown);
        }
    }

    /** Receives what a cancel action throws outside of requests. */
    private static void actionFailed(Throwable thrown) {
        LOGGER.log(System.Logger.Level.WARNING, "A cancel action failed", thrown);
    }

    private static <T> T call(String name, ThreadFactory threads, WorkContext context, CancelActions cancellation,
                              Callable<? extends T> work, Consumer<Thread> onCancel) throws Exception {
        OffThreadTask<T> task = new OffThreadTask<>(context, cancellation, threads, work, onCancel);
        StartGate gate = new StartGate();
        try (CancellableWait wait = CancellableWait.begin(task.wakeUps::release)) {
            if (Thread.interrupted() || wait.isCancelled()) {
                task.state.set(State.CANCELLED);
            }
            SCOPES.runConcurrently(context == null ? name : name + " " + context.name(),
                                   subtask -> threads.newThread(gate.guard(subtask)), task::run, () -> {
                gate.open();
                task.awaitEnd();
            });
        } finally {
            gate.shutUnlessOpen();
        }
        return task.result();
    }

    private void run() {
        thread = Thread.currentThread();
        try {
            if (context != null) {
                context.enter();
            }
            if (!state.compareAndSet(State.NEW, State.RUNNING)) {
                // cancelled before there was a thread to give to the action
                cancel();
            }
            caller.run(() -> Current.within(context, () -> Current.insideTask(this, this::work)));
        } catch (Throwable e) {
            thrown = e;
        } finally {
            // no effect if the task was cancelled
            state.compareAndSet(State.RUNNING, State.ENDED);
            if (context != null) {
                context.leave();
            }
            ended = true;
            wakeUps.release();
        }
    }

    private void work() {
        try {
            value = work.call();
        } catch (Throwable e) {
            thrown = e;
        }
    }

    private void awaitEnd() {
        while (true) {
            try {
                wakeUps.acquire();
                if (ended) {
                    return;
                }
                // the enclosing task was cancelled; its thread does not get an interrupt for that, not even one that comes too late
                cancelUnlessEnded();
            } catch (InterruptedException e) {
                if (!cancelUnlessEnded()) {
                    interrupted = true;
                }
            }
        }
    }

    /** Called by the waiting thread. Returns {@code false} if the task has ended, or was cancelled before. */
    private boolean cancelUnlessEnded() {
        if (state.compareAndSet(State.NEW, State.CANCELLED)) {
            return true;
        }
        if (state.compareAndSet(State.RUNNING, State.CANCELLED)) {
            cancel();
            return true;
        }
        return false;
    }

    private void cancel() {
        try {
            onCancel.accept(thread);
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "The cancel action of an off-thread task failed", e);
        }
    }

    private T result() throws Exception {
        if (state.get() == State.CANCELLED) {
            if (thrown != null && context != null && context.over()) {
                context.threw(thrown);
            }
            throw (InterruptedException) new InterruptedException("The work was cancelled").initCause(thrown);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return thrown == null ? value : rethrow(thrown);
    }

    private enum State {
        /** Its thread has not started. */
        NEW,
        /** It is running and not cancelled. */
        RUNNING,
        /** The waiting thread was interrupted, or an enclosing task was cancelled, before this task had ended or even begun. */
        CANCELLED,
        /** It has ended and can no longer be cancelled. */
        ENDED
    }
}
