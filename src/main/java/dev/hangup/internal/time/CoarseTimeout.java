package dev.hangup.internal.time;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * One to two milliseconds, after which something is to happen unless it is no longer of interest; which, for nearly
 * all, it will not be.
 * <p>
 * All coarse timeouts are equally long, so they are a queue, and one thread looks at its head once a millisecond for as long as
 * there is one. A timer, or a timed park, for each request would cost more than the rest of a trivial one.
 */
public abstract class CoarseTimeout {
    private static final long NANOS = 1_000_000;
    private static final System.Logger LOGGER = System.getLogger(CoarseTimeout.class.getName());
    private static final Queue<CoarseTimeout> STARTED = new ConcurrentLinkedQueue<>();
    /** The timeouts' thread has found the queue empty, and parks until it is told that it isn't any more. */
    private static final AtomicBoolean RESTING = new AtomicBoolean();
    private static final Thread THREAD = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("hangup-coarse-timeout")
            .start(CoarseTimeout::run);

    private final long startedAt = System.nanoTime();

    /** A timeout that counts from now on. */
    protected CoarseTimeout() {
    }

    /** Makes sure that {@link #expired()} will be called. To be called once. */
    protected final void start() {
        STARTED.add(this);
        // settles the race between the timeouts' thread's going to rest and the queue's filling
        if (RESTING.get() && RESTING.compareAndSet(true, false)) {
            LockSupport.unpark(THREAD);
        }
    }

    /** How long ago it began, in nanoseconds. */
    protected final long elapsed() {
        return System.nanoTime() - startedAt;
    }

    /** The time is over. Called once on the timeouts' thread, of interest or not; must not block. */
    protected abstract void expired();

    private static void run() {
        while (true) {
            CoarseTimeout first = STARTED.peek();
            if (first == null) {
                rest();
            } else if (first.elapsed() < NANOS) {
                LockSupport.parkNanos(NANOS);
            } else {
                endAll(System.nanoTime() - NANOS);
            }
        }
    }

    private static void endAll(long startedBefore) {
        for (CoarseTimeout next = STARTED.peek(); next != null && next.startedAt - startedBefore <= 0; next = STARTED.peek()) {
            STARTED.remove();
            end(next);
        }
    }

    private static void end(CoarseTimeout next) {
        try {
            next.expired();
        } catch (RuntimeException | Error e) {
            // the others wait for this thread too
            LOGGER.log(System.Logger.Level.WARNING, "A timeout's action failed", e);
        }
    }

    private static void rest() {
        RESTING.set(true);
        if (STARTED.isEmpty()) {
            LockSupport.park();
        }
        RESTING.set(false);
    }
}
