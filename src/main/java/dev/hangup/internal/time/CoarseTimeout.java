package dev.hangup.internal.time;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.internal.text.SafeLog;

/**
 * A timeout of one to two milliseconds. Nearly all such timeouts are no longer needed when they expire.
 * <p>
 * While there are timeouts, one thread takes all that were started in a millisecond, and ends them a millisecond later. So a
 * timeout costs one compare-and-set. A timer or a timed park for each request would cost more than the rest of a trivial request.
 * That thread starts with the first server of the JVM, and lasts as long as the JVM, whatever a timeout's action throws.
 */
public abstract class CoarseTimeout {
    private static final long NANOS = 1_000_000;
    private static final SafeLog LOGGER = new SafeLog(CoarseTimeout.class);
    /** The latest timeout, linked to those before. Its CAS settles the race of the threads that start timeouts. */
    private static final AtomicReference<CoarseTimeout> STARTED = new AtomicReference<>();
    /** True while the timeouts' thread has found no timeout and parks until it is woken, and while there is no such thread yet. */
    private static final AtomicBoolean RESTING = new AtomicBoolean(true);
    private static final ThreadFactory THREADS = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("hangup-coarse-timeout")
            .factory();
    private static final Lock STARTING = new ReentrantLock();
    /** The timeouts' thread; {@code null} until it has been started. Written under the lock. */
    private static volatile Thread thread;

    /** The timeout started before this one. Owned by the thread that starts this, then by the timeouts' thread. */
    private CoarseTimeout next;

    /**
     * Ensures that the timeouts' thread runs. If it could not be started at the first timeout instead, that request would fail.
     *
     * @throws OutOfMemoryError if the thread cannot be started; the next call tries again
     */
    public static void ensureStarted() {
        ensureStarted(THREADS);
    }

    static void ensureStarted(ThreadFactory threads) {
        STARTING.lock();
        try {
            if (thread == null) {
                Thread starting = threads.newThread(CoarseTimeout::run);
                starting.start();
                thread = starting;
            }
        } finally {
            STARTING.unlock();
        }
    }

    /** Ensures that {@link #expired()} will be called. To be called once, and again by {@link #expired()} only. */
    protected final void start() {
        do {
            next = STARTED.get();
        } while (!STARTED.compareAndSet(next, this));
        // settles the race between the rest of the timeouts' thread and the first timeout
        if (RESTING.get() && RESTING.compareAndSet(true, false)) {
            wake();
        }
    }

    private static void wake() {
        if (thread == null) {
            try {
                ensureStarted();
            } catch (Error e) {
                // no native thread
                RESTING.set(true);
                throw e;
            }
        }
        LockSupport.unpark(thread);
    }

    /**
     * Called on the timeouts' thread when the time is over, whether still needed or not; must not block. What it throws is logged
     * and dropped.
     */
    protected abstract void expired();

    private static void run() {
        while (true) {
            CoarseTimeout latest = STARTED.getAndSet(null);
            if (latest == null) {
                rest();
            } else {
                await();
                endAll(latest);
            }
        }
    }

    private static void endAll(CoarseTimeout latest) {
        for (CoarseTimeout ending = latest; ending != null;) {
            CoarseTimeout before = ending.next;
            // work that lasts must not keep that of others in memory
            ending.next = null;
            end(ending);
            ending = before;
        }
    }

    private static void end(CoarseTimeout ending) {
        try {
            ending.expired();
        } catch (Throwable e) {
            // must not end this thread, on which all other timeouts depend
            LOGGER.warning("A timeout's action failed", e);
        }
    }

    private static void await() {
        long end = System.nanoTime() + NANOS;
        for (long left = NANOS; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    private static void rest() {
        RESTING.set(true);
        if (STARTED.get() == null) {
            LockSupport.park();
        }
        RESTING.set(false);
    }
}
