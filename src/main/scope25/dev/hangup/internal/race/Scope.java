package dev.hangup.internal.race;

import java.util.concurrent.StructuredTaskScope;
import java.util.concurrent.StructuredTaskScope.Joiner;
import java.util.concurrent.ThreadFactory;

/** The only class that uses preview APIs. This is the variant for JDK 25 and later; all differences between releases are here. */
final class Scope implements TaskScopes {
    @Override
    public <T> void race(String name, RaceTasks<T> tasks, T interrupted) {
        // var: the type has two type parameters in JDK 25 and 26, and three in later releases
        try (var scope = StructuredTaskScope.open(Joiner.<T>allUntil(done -> tasks.taskEnded(done.get())),
                                                  configuration -> configuration.withName(name).withThreadFactory(tasks))) {
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

    @Override
    public <T> Value<T> newValue() {
        return new Bindable<>(ScopedValue.newInstance());
    }

    /** Scoped values are final as of JDK 25. */
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
