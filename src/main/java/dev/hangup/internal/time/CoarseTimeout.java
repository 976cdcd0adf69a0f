package dev.hangup.internal.time;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * A timeout of one to two milliseconds. Nearly all such timeouts are no longer needed when they expire.
 * <p>
 * All coarse timeouts have the same length, so they form a queue. One thread checks its head once a millisecond while the queue
 * is not empty. A timer or a timed park for each request would cost more than the rest of a trivial request.
 */
public abstract class CoarseTimeout {
    private static final long NANOS = 1_000_000;
    private static final System.Logger LOGGER = System.getLogger(CoarseTimeout.class.getName());
    private static final Queue<CoarseTimeout> STARTED = new ConcurrentLinkedQueue<>();
    /** The timeouts' thread has found the queue empty, and parks until it is woken. */
    private static final AtomicBoolean RESTING = new AtomicBoolean();
    private static final Thread THREAD = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("hangup-coarse-timeout")
            .start(CoarseTimeout::run);

    private final long startedAt = System.nanoTime();

    /** Creates a timeout that starts now. */
    protected CoarseTimeout() {
    }

    /** Ensures that {@link #expired()} will be called. To be called once. */
    protected final void start() {
        STARTED.add(this);
        // settles the race between the rest of the timeouts' thread and the first addition to the queue
        if (RESTING.get() && RESTING.compareAndSet(true, false)) {
            LockSupport.unpark(THREAD);
        }
    }

    /** The time since this was created, in nanoseconds. */
    protected final long elapsed() {
        return System.nanoTime() - startedAt;
    }

    /** Called once on the timeouts' thread when the time is over, whether still needed or not; must not block. */
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
            // must not end this thread, on which all other timeouts depend
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
