package dev.hangup.internal.race;

import java.util.concurrent.ThreadFactory;

/** The floor of every race: a task scope that forks its work and joins it, and nothing else. */
public final class ForkAndJoin {
    private static final TaskScopes SCOPES = TaskScopes.load();
    private static final ThreadFactory THREADS = Thread.ofVirtual().factory();

    private ForkAndJoin() {
    }

    /** Runs the task on a thread of its own, and returns when it has ended. */
    public static void run(Runnable task) {
        SCOPES.runConcurrently("floor", THREADS, task, () -> { });
    }
}
