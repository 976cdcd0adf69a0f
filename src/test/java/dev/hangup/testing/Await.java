package dev.hangup.testing;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * How long tests wait for what must happen. Never for something to pass: only a test that fails takes that long, so it
 * is short where tests are run to be seen failing.
 */
public final class Await {
    /** Whether the server's watcher is on; {@code -Dhangup.watch=false} switches it off. */
    public static final boolean WATCHED = !"false".equals(System.getProperty("hangup.watch"));
    /** The time. */
    public static final Duration TIME = WATCHED ? Duration.ofSeconds(20) : Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofSeconds(60);

    private Await() {
    }

    /** Waits for a state that nobody tells of, such as that of a thread or of the operating system. */
    public static void until(String what, BooleanSupplier holds) {
        until(what, TIME, holds);
    }

    /**
     * As {@link #until}, but longer, for what takes the start of a process and comes before a departure: it happens whether
     * departures are watched for or not, and a test that fails because a machine is slow shows nothing.
     */
    public static void untilBegun(String what, BooleanSupplier holds) {
        until(what, LONG, holds);
    }

    private static void until(String what, Duration time, BooleanSupplier holds) {
        long end = System.nanoTime() + time.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Waited in vain: " + what);
            }
            Thread.yield();
        }
    }

    /** Waits until a thread waits: for a lock, for a condition, for a socket. */
    public static void untilBlocked(Thread thread) {
        until(thread + " blocks", () -> thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
    }
}
