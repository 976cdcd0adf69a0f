package dev.hangup.race;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A part of some work that needs another thread than a virtual one, or one that no interrupt reaches.
 * <p>
 * The thread that calls it waits until the part has ended, whatever happens. If it is interrupted meanwhile, as a race
 * does to work that has lost, it does not pass the interrupt on, but does what the part says is to be done: once, and
 * never after the part has ended. All kinds of work that are not plain blocking code on a virtual thread are parts.
 *
 * @param <T> what it computes
 */
public final class Part<T> {
    private static final System.Logger LOGGER = System.getLogger(Part.class.getName());

    /** {@code null} if there is none that is known. */
    private final Purpose purpose;
    private final ThreadFactory threads;
    private final Callable<? extends T> work;
    private final Consumer<Thread> stop;
    private final CallerContext caller = CallerContext.capture();
    /** The part that called this one; {@code null} if none did. */
    private final Part<?> outer = Scope.part();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Settles the races of the stop with the part's beginning and with its end. */
    private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
    /** Written by the part's thread before it is {@link State#RUNNING}. */
    private volatile Thread thread;
    /** Written by the part's thread before it has ended. */
    private T value;
    private Throwable thrown;
    /** Whether the thread that waits was interrupted in time to stop the part, and whether too late for that. Its own. */
    private boolean stopped;
    private boolean interrupted;

    private Part(Purpose purpose, ThreadFactory threads, Callable<? extends T> work, Consumer<Thread> stop) {
        this.purpose = purpose;
        this.threads = threads;
        this.work = work;
        this.stop = stop;
    }

    /**
     * Runs a part on a thread of its own, with the scoped values, the Helidon context and the logging context of the
     * calling thread, and returns when it has ended. The calling thread need not work for a request.
     *
     * @param name    of the task scope, for thread dumps
     * @param threads makes the thread
     * @param work    the part
     * @param stop    called with the part's thread when the calling thread is interrupted before the part has ended: by the
     *                calling thread, or by the part's own before it begins. Must not block; what it throws is logged
     * @param <T>     type of what is computed
     * @return what was computed
     * @throws InterruptedException if the calling thread was interrupted before the part had ended; what became of the part
     *                              is dropped, or its cause if it threw. The interrupt status is cleared; if it was
     *                              interrupted too late, it is set
     * @throws Exception            what the part threw
     */
    public static <T> T call(String name, ThreadFactory threads, Callable<? extends T> work, Consumer<Thread> stop)
            throws Exception {
        return call(name, threads, Scope.current(), work, stop);
    }

    /**
     * As {@link #call(String, ThreadFactory, Callable, Consumer)}, on a virtual thread that is interrupted to stop it, and
     * for a purpose of its own: {@link Deadline#current()} is that one's.
     *
     * @param name    of the task scope, for thread dumps
     * @param purpose what the part works for
     * @param work    the part
     * @param <T>     type of what is computed
     * @return what was computed
     * @throws InterruptedException as above
     * @throws Exception            what the part threw
     */
    public static <T> T callFor(String name, Purpose purpose, Callable<? extends T> work) throws Exception {
        return call(name, Thread.ofVirtual().name(name).factory(), purpose, work, Thread::interrupt);
    }

    private static <T> T call(String name, ThreadFactory threads, Purpose purpose, Callable<? extends T> work,
                              Consumer<Thread> stop) throws Exception {
        Part<T> part = new Part<>(purpose, threads, work, stop);
        if (Thread.interrupted()) {
            part.stopped = part.state.compareAndSet(State.NEW, State.STOPPED);
        }
        Scope.beside(purpose == null ? name : name + " " + purpose.name(), threads, part::run, part::awaitEnd);
        return part.result();
    }

    /**
     * Makes sure that somebody still wants what the calling thread is about to begin.
     *
     * @throws InterruptedException if the thread is interrupted, or its request is being stopped; the interrupt status is
     *                              cleared
     */
    public static void ensureWanted() throws InterruptedException {
        Purpose purpose = Scope.current();
        if (Thread.interrupted() || purpose != null && purpose.over()) {
            throw new InterruptedException("Nobody waits for this any more");
        }
    }

    /**
     * The thread of a part that waits for the calling thread, or is the calling thread: that part has called this one, or
     * has forked the thread in a task scope, or a part in between has.
     *
     * @param threads made the thread
     * @return the innermost such part's thread
     */
    public static Optional<Thread> threadAround(ThreadFactory threads) {
        Part<?> part = Scope.part();
        while (part != null && part.threads != threads) {
            part = part.outer;
        }
        return Optional.ofNullable(part).map(it -> it.thread);
    }

    private void run() {
        thread = Thread.currentThread();
        Thread before = purpose == null ? null : purpose.worksOn(thread);
        try {
            if (!state.compareAndSet(State.NEW, State.RUNNING)) {
                stop();
            }
            caller.run(() -> Scope.within(purpose, () -> Scope.inside(this, this::work)));
        } catch (Throwable e) {
            thrown = e;
        } finally {
            // or it was told to stop, and has
            state.compareAndSet(State.RUNNING, State.ENDED);
            if (purpose != null) {
                purpose.worksOn(before);
            }
            ended.countDown();
        }
    }

    private void work() {
        try {
            value = work.call();
        } catch (Throwable e) {
            thrown = e;
        }
    }

    private void awaitEnd() {
        while (true) {
            try {
                ended.await();
                return;
            } catch (InterruptedException e) {
                if (state.compareAndSet(State.NEW, State.STOPPED)) {
                    stopped = true;
                } else if (state.compareAndSet(State.RUNNING, State.STOPPED)) {
                    stopped = true;
                    stop();
                } else {
                    interrupted = true;
                }
            }
        }
    }

    private void stop() {
        try {
            stop.accept(thread);
        } catch (RuntimeException | Error e) {
            LOGGER.log(System.Logger.Level.WARNING, "What was to stop a part of a request's work failed", e);
        }
    }

    private T result() throws Exception {
        if (stopped) {
            throw (InterruptedException) new InterruptedException("Stopped").initCause(thrown);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        switch (thrown) {
        case null -> {
            return value;
        }
        case Exception e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(thrown);
        }
    }

    private enum State {
        /** Its thread has not begun. */
        NEW,
        /** Nobody has told it to stop. */
        RUNNING,
        /** It was told to stop, or will be before it begins. */
        STOPPED,
        /** It has ended, and nobody tells it anything. */
        ENDED
    }
}
