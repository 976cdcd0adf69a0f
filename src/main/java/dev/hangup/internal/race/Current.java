package dev.hangup.internal.race;

/** What the calling thread works for, as the threads that it forks in task scopes inherit it. */
public final class Current {
    private static final ScopedValue<WorkContext> CONTEXT = ScopedValue.newInstance();
    /** The innermost task that the thread, or a scope around it, runs in. */
    private static final ScopedValue<OffThreadTask<?>> TASK = ScopedValue.newInstance();

    private Current() {
    }

    /** What the thread, or a scope around it, works for; {@code null} if that is not known. */
    public static WorkContext context() {
        return CONTEXT.isBound() ? CONTEXT.get() : null;
    }

    static void within(WorkContext context, Runnable work) {
        if (context == context()) {
            work.run();
            return;
        }
        ScopedValue.where(CONTEXT, context).run(work);
    }

    static OffThreadTask<?> task() {
        return TASK.isBound() ? TASK.get() : null;
    }

    static void insideTask(OffThreadTask<?> task, Runnable work) {
        ScopedValue.where(TASK, task).run(work);
    }
}
