package dev.hangup.connection;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/**
 * One to two milliseconds, after which something is to happen unless it is no longer of interest; which, for nearly
 * all, it will not be.
 * <p>
 * All ticks are equally long, so they are a queue, and one thread looks at its head once a millisecond for as long as
 * there is one. A timer, or a timed park, for each request would cost more than the rest of a trivial one.
 */
public abstract class Tick {
    private static final long NANOS = 1_000_000;
    private static final System.Logger LOGGER = System.getLogger(Tick.class.getName());
    private static final Queue<Tick> STARTED = new ConcurrentLinkedQueue<>();
    /** The ticking thread has found the queue empty, and parks until it is told that it isn't any more. */
    private static final AtomicBoolean RESTING = new AtomicBoolean();
    private static final Thread TICKING = Thread.ofPlatform()
            .daemon()
            .inheritInheritableThreadLocals(false)
            .name("hangup-tick")
            .start(Tick::run);

    private final long startedAt = System.nanoTime();

    /** A tick that counts from now on. */
    protected Tick() {
    }

    /** Makes sure that {@link #passed()} will be called. To be called once. */
    protected final void start() {
        STARTED.add(this);
        // settles the race between the ticking thread's going to rest and the queue's filling
        if (RESTING.get() && RESTING.compareAndSet(true, false)) {
            LockSupport.unpark(TICKING);
        }
    }

    /** How long ago it began, in nanoseconds. */
    protected final long elapsed() {
        return System.nanoTime() - startedAt;
    }

    /** The time is over. Called once on the ticking thread, of interest or not; must not block. */
    protected abstract void passed();

    private static void run() {
        while (true) {
            Tick first = STARTED.peek();
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
        for (Tick tick = STARTED.peek(); tick != null && tick.startedAt - startedBefore <= 0; tick = STARTED.peek()) {
            STARTED.remove();
            end(tick);
        }
    }

    private static void end(Tick tick) {
        try {
            tick.passed();
        } catch (RuntimeException | Error e) {
            // the others wait for this thread too
            LOGGER.log(System.Logger.Level.WARNING, "Failed after a tick", e);
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
