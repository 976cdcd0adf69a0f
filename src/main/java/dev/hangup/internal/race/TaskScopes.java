package dev.hangup.internal.race;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.concurrent.ThreadFactory;

/**
 * Task scopes (JEP 453 and its successors), in the two forms that Hangup needs, and the scoped values (JEP 446 and its
 * successors) that their subtasks inherit.
 * <p>
 * A class that uses a preview API runs only on the JDK release that it was compiled for. {@code Scope}, which implements this
 * interface, is the one such class. It is compiled after all others, which are compiled for Java 21 and do not name it.
 */
interface TaskScopes {
    /**
     * Returns the task scopes of this JVM.
     *
     * @throws IllegalStateException if this jar is for another JDK release, or preview APIs are not enabled; the message says
     *                               what to do
     */
    static TaskScopes load() {
        try {
            return (TaskScopes) Class.forName("dev.hangup.internal.race.Scope").getDeclaredConstructor().newInstance();
        } catch (UnsupportedClassVersionError e) {
            throw new IllegalStateException(remedy(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This jar of Hangup is incomplete", e);
        }
    }

    private static String remedy() {
        int here = Runtime.version().feature();
        int built;
        // the version is at a fixed place of every class file: JVMS, 4.1
        try (DataInputStream scope = new DataInputStream(TaskScopes.class.getResourceAsStream("Scope.class"))) {
            scope.skipNBytes(6);
            built = scope.readUnsignedShort() - 44;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return built == here
                ? "Hangup uses preview APIs of the JDK: start with --enable-preview"
                : "This jar of Hangup is for JDK " + built + ", and this is JDK " + here + ": use the jar with the classifier jdk"
                        + here + ", or build it with JDK " + here;
    }

    /**
     * Forks the tasks, each on a virtual thread of its own, and waits until one of them decides; then interrupts the other task,
     * calls {@link RaceTasks#raceDecided} on the calling thread meanwhile, and returns when all tasks have ended.
     *
     * @param interrupted the result that decides if the caller is interrupted before a task has decided; the caller's interrupt
     *                    status is set again after {@link RaceTasks#raceDecided}
     * @throws OutOfMemoryError if the thread of a task cannot be started, or whatever else {@link RaceTasks} throw on the calling
     *                          thread. The tasks have been interrupted and have ended; one of them may have decided
     */
    <T> void race(String name, RaceTasks<T> tasks, T interrupted);

    /**
     * Forks a task on a thread of the factory, runs an action on the calling thread meanwhile, and returns when both have ended.
     * The task sees the scoped values of the calling thread.
     *
     * @param task      must not throw
     * @param meanwhile the action; must not throw, and must not return before the task has ended or is about to; if the caller is
     *                  interrupted after that, its interrupt status is set when this method returns
     */
    void runConcurrently(String name, ThreadFactory threads, Runnable task, Runnable meanwhile);

    /** Returns a new scoped value. */
    <T> Value<T> newValue();

    /** One or two tasks, and what to do when one of them has ended. Creates their threads. */
    interface RaceTasks<T> extends ThreadFactory {
        /** The first task. */
        T work();

        /** Called once the first task is forked; returns whether to fork the second. */
        boolean needsWatcher();

        /** The second task. */
        T watch();

        /**
         * Called with the result of each task, on that task's thread and before any task is interrupted; returns whether the
         * race is decided. Not called for a task that ends after the decision.
         */
        boolean taskEnded(T result);

        /**
         * Called when the second task is forked: waits until the race is decided, and then calls {@link #raceDecided}. The scope
         * could wait as well, but it returns only when the loser was interrupted. On JDK 25 and later, that interrupt lasts as long
         * as a call of a file in which the loser is ({@code FileChannelImpl.implCloseChannel} waits for virtual threads).
         * Returns early if the calling thread is interrupted, whose status stays as it is.
         */
        void awaitDecision();

        /** Called when the race is decided, while the tasks may still be running. Calls after the first have no effect. */
        void raceDecided();
    }

    /** A scoped value. */
    interface Value<T> {
        /** Returns the value that the calling thread, or an enclosing scope, has bound; {@code null} if there is none. */
        T get();

        /** Runs the work with this value bound. */
        void runWhere(T bound, Runnable work);
    }
}
