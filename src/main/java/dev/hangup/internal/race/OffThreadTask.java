package dev.hangup.internal.race;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Work of a request that needs another thread than a virtual one, or that no interrupt reaches.
 * <p>
 * The thread that calls it waits until the task has ended, whatever happens. If it is interrupted meanwhile, as a race
 * does to work that has lost, it does not pass the interrupt on, but does what its cancel action says: once, and
 * never after the task has ended. All work that is not plain blocking code on a virtual thread runs in such tasks.
 *
 * @param <T> what it computes
 */
public final class OffThreadTask<T> {
    private static final System.Logger LOGGER = System.getLogger(OffThreadTask.class.getName());

    /** {@code null} if there is none that is known. */
    private final WorkContext context;
    private final ThreadFactory threads;
    private final Callable<? extends T> work;
    private final Consumer<Thread> onCancel;
    private final CallerContext caller = CallerContext.capture();
    /** The task that called this one; {@code null} if none did. */
    private final OffThreadTask<?> outer = Scope.task();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Settles the races of the stop with the task beginning and with its end. */
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    /** Written by the task's thread before it is {@link State#RUNNING}. */
    private volatile Thread thread;
    /** Written by the task's thread before it has ended. */
    private T value;
    private Throwable thrown;
    /** Whether the thread that waits was interrupted in time to stop the task, and whether too late for that. Its own. */
    private boolean cancelled;
    private boolean interrupted;

    private OffThreadTask(WorkContext context, ThreadFactory threads, Callable<? extends T> work, Consumer<Thread> onCancel) {
        this.context = context;
        this.threads = threads;
        this.work = work;
        this.onCancel = onCancel;
    }

    /**
     * Runs a task on a thread of its own, with the scoped values, the Helidon context and the logging context of the
     * calling thread, and returns when it has ended. The calling thread need not work for a request.
     *
     * @param name     of the task scope, for thread dumps
     * @param threads  makes the thread
     * @param work     the task
     * @param onCancel called with the task's thread when the calling thread is interrupted before the task has ended: by the
     *                 calling thread, or by the task's own before it begins. Must not block; what it throws is logged
     * @param <T>      type of what is computed
     * @return what was computed
     * @throws InterruptedException if the calling thread was interrupted before the task had ended; what became of the task
     *                              is dropped, or its cause if it threw. The interrupt status is cleared; if it was
     *                              interrupted too late, it is set
     * @throws Exception            what the task threw
     */
    public static <T> T call(String name, ThreadFactory threads, Callable<? extends T> work, Consumer<Thread> onCancel)
            throws Exception {
        return call(name, threads, Scope.current(), work, onCancel);
    }

    /**
     * As {@link #call(String, ThreadFactory, Callable, Consumer)}, on a virtual thread that is interrupted to stop it, and
     * for a purpose of its own: {@link dev.hangup.Deadline#current()} is that one's.
     *
     * @param name    of the task scope, for thread dumps
     * @param context what the task works for
     * @param work    the task
     * @param <T>     type of what is computed
     * @return what was computed
     * @throws InterruptedException as above
     * @throws Exception            what the task threw
     */
    public static <T> T callFor(String name, WorkContext context, Callable<? extends T> work) throws Exception {
        return call(name, Thread.ofVirtual().name(name).factory(), context, work, Thread::interrupt);
    }

    private static <T> T call(String name, ThreadFactory threads, WorkContext context, Callable<? extends T> work,
                              Consumer<Thread> onCancel) throws Exception {
        OffThreadTask<T> task = new OffThreadTask<>(context, threads, work, onCancel);
        if (Thread.interrupted()) {
            task.cancelled = task.state.compareAndSet(State.NEW, State.CANCELLED);
        }
        Scope.beside(context == null ? name : name + " " + context.name(), threads, task::run, task::awaitEnd);
        return task.result();
    }

    /**
     * Makes sure that somebody still wants what the calling thread is about to begin.
     *
     * @throws InterruptedException if the thread is interrupted, or its request is being stopped; the interrupt status is
     *                              cleared
     */
    public static void ensureNotCancelled() throws InterruptedException {
        WorkContext context = Scope.current();
        if (Thread.interrupted() || context != null && context.over()) {
            throw new InterruptedException("Nobody waits for this any more");
        }
    }

    /**
     * The thread of a task that waits for the calling thread, or is the calling thread: that task has called this one, or
     * has forked the thread in a task scope, or a task in between has.
     *
     * @param threads made the thread
     * @return the innermost such task's thread
     */
    public static Optional<Thread> enclosingThread(ThreadFactory threads) {
        OffThreadTask<?> task = Scope.task();
        while (task != null && task.threads != threads) {
            task = task.outer;
        }
        return Optional.ofNullable(task).map(it -> it.thread);
    }

    private void run() {
        thread = Thread.currentThread();
        Thread before = context == null ? null : context.moveTo(thread);
        try {
            if (!state.compareAndSet(State.NEW, State.RUNNING)) {
                cancel();
            }
            caller.run(() -> Scope.within(context, () -> Scope.insideTask(this, this::work)));
        } catch (Throwable e) {
            thrown = e;
        } finally {
            // or it was cancelled, and has ended
            state.compareAndSet(State.RUNNING, State.ENDED);
            if (context != null) {
                context.moveTo(before);
            }
            ended.countDown();
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
                ended.await();
                return;
            } catch (InterruptedException e) {
                if (state.compareAndSet(State.NEW, State.CANCELLED)) {
                    cancelled = true;
                } else if (state.compareAndSet(State.RUNNING, State.CANCELLED)) {
                    cancelled = true;
                    cancel();
                } else {
                    interrupted = true;
                }
            }
        }
    }

    private void cancel() {
        try {
            onCancel.accept(thread);
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "The cancel action of an off-thread task failed", e);
        }
    }

    private T result() throws Exception {
        if (cancelled) {
            throw (InterruptedException) new InterruptedException("Stopped").initCause(thrown);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (thrown) {
        case null -> {
            return value;
        }
        case Exception e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(thrown);
        }
    }

    private enum State {
        /** Its thread has not begun. */
        NEW,
        /** It was not cancelled. */
        RUNNING,
        /** It was cancelled, or will be before it begins. */
        CANCELLED,
        /** It has ended, and cannot be cancelled any more. */
        ENDED
    }
}
