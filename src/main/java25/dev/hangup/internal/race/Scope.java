package dev.hangup.internal.race;

import java.util.concurrent.Callable;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.ThreadFactory;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Task scopes (JEP 505 and its successors), in the two forms that Hangup needs: the all of what differs between JDK
 * releases, and the only class that uses preview APIs. This is the variant for JDK 25 and later.
 */
final class Scope {
    private Scope() {
    }

    /**
     * Forks the tasks, each on a virtual thread of its own, and waits until one of them decides; then interrupts those
     * that go on, runs {@code decided} on the calling thread, and returns when all have ended.
     *
     * @param forksSecond asked when the first task was forked: whether to fork the second
     * @param decides     asked with each task's result, on the task's thread and before anyone is interrupted; tasks that
     *                    end after one has decided are not asked about
     * @param interrupted the result that decides if the caller is interrupted before a task has; the caller's interrupt
     *                    status is set again after {@code decided}
     */
    static <T> void race(String name, Predicate<T> decides, T interrupted, Callable<T> first, BooleanSupplier forksSecond,
                         Callable<T> second, Runnable decided) {
        // var: the type has two parameters in JDK 25 and 26, and three after
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
                // before the status is set: a thread that has it set closes every channel it writes to
                decided.run();
                Thread.currentThread().interrupt();
                return;
            }
            decided.run();
        }
    }

    /**
     * Forks a task on a thread of the factory, where it finds the scoped values of the calling thread, runs something else
     * on the calling thread meanwhile, and returns when both have ended.
     *
     * @param task      must not throw
     * @param meanwhile must not throw, and must not return before the task has ended, or as good as ended; if the caller is
     *                  interrupted after that, its interrupt status is set when this returns
     */
    static void beside(String name, ThreadFactory threads, Runnable task, Runnable meanwhile) {
        boolean interrupted = false;
        // as awaitAll(), which JDK 28 has no more
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
