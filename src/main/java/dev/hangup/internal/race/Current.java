package dev.hangup.internal.race;

/** The work that the calling thread belongs to. Threads forked in task scopes inherit it. */
public final class Current {
    private static final TaskScopes.Value<WorkContext> CONTEXT = TaskScopes.load().newValue();
    /** The innermost task that encloses the calling thread. */
    private static final TaskScopes.Value<OffThreadTask<?>> TASK = TaskScopes.load().newValue();

    private Current() {
    }

    /** The work that the calling thread, or an enclosing scope, belongs to; {@code null} if unknown. */
    public static WorkContext context() {
        return CONTEXT.get();
    }

    static void within(WorkContext context, Runnable work) {
        if (context == context()) {
            work.run();
            return;
        }
        CONTEXT.runWhere(context, work);
    }

    static OffThreadTask<?> task() {
        return TASK.get();
    }

    static void insideTask(OffThreadTask<?> task, Runnable work) {
        TASK.runWhere(task, work);
    }
}
