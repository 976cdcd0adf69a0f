package dev.hangup.internal.race;

import java.util.concurrent.Executors;
import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.ThreadFactory;

/** The only class that uses preview APIs. This is the variant for JDK 21 to 24; all differences between releases are here. */
final class Scope implements TaskScopes {
    @Override
    public <T> void race(String name, RaceTasks<T> tasks, T interrupted) {
        try (StructuredTaskScope<T> scope = new StructuredTaskScope<>(name, tasks) {
            @Override
            protected void handleComplete(Subtask<? extends T> done) {
                if (tasks.taskEnded(done.get())) {
                    shutdown();
                }
            }
        }) {
            scope.fork(tasks::work);
            if (tasks.needsWatcher()) {
                scope.fork(tasks::watch);
                tasks.awaitDecision();
            }
            try {
                scope.join();
            } catch (InterruptedException e) {
                tasks.taskEnded(interrupted);
                // before the status is set: an interrupted thread closes every channel that it writes to
                tasks.raceDecided();
                Thread.currentThread().interrupt();
                return;
            }
            tasks.raceDecided();
        }
    }

    @Override
    public void runConcurrently(String name, ThreadFactory threads, Runnable task, Runnable meanwhile) {
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

    @Override
    public <T> Value<T> newValue() {
        return new Bindable<>(ScopedValue.newInstance());
    }

    private record Bindable<T>(ScopedValue<T> value) implements Value<T> {
        @Override
        public T get() {
            return value.isBound() ? value.get() : null;
        }

        @Override
        public void runWhere(T bound, Runnable work) {
            ScopedValue.where(value, bound).run(work);
        }
    }
}
