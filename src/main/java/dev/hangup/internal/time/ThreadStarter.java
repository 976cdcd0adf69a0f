package dev.hangup.internal.time;

import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Starts the threads of one owner, which has at most one of them at a time and cannot do without it. {@code Thread.start} throws
 * {@code OutOfMemoryError} if no native thread can be started, which a virtual thread may need as its carrier. Such a thread may
 * run all the same, but its {@link StartGate} keeps it from its work. The owner goes on without it, and is called again a little
 * later.
 * <p>
 * Neither blocks nor logs, so it may be called with locks held.
 */
public final class ThreadStarter {
    static final Duration RETRY_AFTER = Duration.ofMillis(100);

    private final ThreadFactory threads;
    private final Supplier<StartGate> gates;
    /** Whether the retry is scheduled. Settles the race between several failures: one retry is enough. */
    private final AtomicBoolean retrying = new AtomicBoolean();

    public ThreadStarter(ThreadFactory threads) {
        this(threads, StartGate::new);
    }

    ThreadStarter(ThreadFactory threads, Supplier<StartGate> gates) {
        this.threads = threads;
        this.gates = gates;
    }

    /** Starts virtual threads that inherit nothing: they may outlive the request whose thread starts them. */
    public static ThreadFactory virtual(String name) {
        return Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).factory();
    }

    /**
     * Starts a thread; returns {@code null} if that is not possible now. The work begins only when the start has succeeded.
     *
     * @param retry called on the timer's thread some time after a failure: calls this method again if a thread is still needed
     */
    public Thread start(Runnable work, Runnable retry) {
        return start(work, () -> { }, retry);
    }

    /**
     * As {@link #start(Runnable, Runnable)}, for an owner that does not hold a lock that the retry acquires.
     *
     * @param failed called after a failure, before the retry is scheduled: restores the state that the retry expects
     */
    public Thread start(Runnable work, Runnable failed, Runnable retry) {
        try {
            StartGate gate = gates.get();
            Thread thread = threads.newThread(gate.guard(work));
            gate.start(thread);
            return thread;
        } catch (RuntimeException | Error e) {
            failed.run();
            retryLater(retry);
            return null;
        }
    }

    private void retryLater(Runnable retry) {
        if (!retrying.compareAndSet(false, true)) {
            return;
        }
        try {
            Timer.after(RETRY_AFTER, () -> {
                retrying.set(false);
                retry.run();
            });
        } catch (RuntimeException | Error e) {
            // the timer's thread cannot be started either: the owner's next call tries again
            retrying.set(false);
        }
    }
}
