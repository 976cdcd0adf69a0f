package dev.hangup.internal.race;

import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Task scopes (JEP 453 and its successors), in the two forms that Hangup needs. All differences between JDK releases are here.
 * Apart from {@link Current} this is the only class that uses preview APIs. This is the variant for JDK 21 to 24.
 */
final class Scope {
    private Scope() {
    }

    /**
     * Forks the tasks, each on a virtual thread of its own, and waits until one of them decides; then interrupts the other tasks,
     * runs {@code decided} on the calling thread, and returns when all tasks have ended.
     *
     * @param forksSecond called once the first task is forked; returns whether to fork the second
     * @param decides     called with the result of each task, on that task's thread and before any task is interrupted; not
     *                    called for tasks that end after the decision
     * @param interrupted the result that decides if the caller is interrupted before a task has decided; the caller's interrupt
     *                    status is set again after {@code decided}
     */
    static <T> void race(String name, Predicate<T> decides, T interrupted, Callable<T> first, BooleanSupplier forksSecond,
                         Callable<T> second, Runnable decided) {
        try (StructuredTaskScope<T> scope = new StructuredTaskScope<>(name, Thread.ofVirtual().factory()) {
            @Override
            protected void handleComplete(Subtask<? extends T> done) {
                if (decides.test(done.get())) {
                    shutdown();
                }
            }
        }) {
            scope.fork(first);
            if (forksSecond.getAsBoolean()) {
                scope.fork(second);
            }
            try {
                scope.join();
            } catch (InterruptedException e) {
                decides.test(interrupted);
                // before the status is set: an interrupted thread closes every channel that it writes to
                decided.run();
                Thread.currentThread().interrupt();
                return;
            }
            decided.run();
        }
    }

    /**
     * Forks a task on a thread of the factory, runs an action on the calling thread meanwhile, and returns when both have ended.
     * The task sees the scoped values of the calling thread.
     *
     * @param task      must not throw
     * @param meanwhile the action; must not throw, and must not return before the task has ended or is about to; if the caller is
     *                  interrupted after that, its interrupt status is set when this method returns
     */
    static void beside(String name, ThreadFactory threads, Runnable task, Runnable meanwhile) {
        boolean interrupted = false;
        try (StructuredTaskScope<Object> scope = new StructuredTaskScope<>(name, threads)) {
            scope.fork(Executors.callable(task));
            meanwhile.run();
            try {
                scope.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
