package dev.hangup.internal.race;

/** The work that the calling thread belongs to. Threads forked in task scopes inherit it. */
public final class Current {
    private static final ScopedValue<WorkContext> CONTEXT = ScopedValue.newInstance();
    /** The innermost task that encloses the calling thread. */
    private static final ScopedValue<OffThreadTask<?>> TASK = ScopedValue.newInstance();

    private Current() {
    }

    /** The work that the calling thread, or an enclosing scope, belongs to; {@code null} if unknown. */
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
