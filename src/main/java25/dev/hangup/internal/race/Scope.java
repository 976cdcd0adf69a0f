package dev.hangup.internal.race;

import java.util.concurrent.Callable;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Task scopes (JEP 505 and its successors), in the two forms that Hangup needs. All differences between JDK releases are here.
 * This is the only class that uses preview APIs. This is the variant for JDK 25 and later.
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
        // var: the type has two type parameters in JDK 25 and 26, and three in later releases
        try (var scope = StructuredTaskScope.open(Joiner.<T>allUntil(done -> decides.test(done.get())),
                                                  configuration -> configuration.withName(name))) {
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
        // equivalent to awaitAll(), which JDK 28 no longer has
        try (var scope = StructuredTaskScope.open(Joiner.<Object>allUntil(done -> false),
                                                  configuration -> configuration.withName(name).withThreadFactory(threads))) {
            scope.fork(task);
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
