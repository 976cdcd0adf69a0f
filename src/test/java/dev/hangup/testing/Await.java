package dev.hangup.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * How long tests wait for what must happen. Never for something to pass: only a test that fails takes that long, so it
 * is short where tests are run to be seen failing.
 */
public final class Await {
    /** Whether the server's watcher is on; {@code -Dhangup.watch=false} switches it off. */
    public static final boolean WATCHED = !"false".equals(System.getProperty("hangup.watch"));
    /** The time; less than the default deadline, which would stop what nothing else has stopped. */
    public static final Duration TIME = WATCHED ? Duration.ofSeconds(25) : Duration.ofSeconds(2);
    private static final Duration LONG = Duration.ofSeconds(150);
    private static final long SHORTEST_PAUSE_NANOS = 20_000;
    private static final long LONGEST_PAUSE_NANOS = 5_000_000;
    /** A pause, at least, compared to what it took to ask. */
    private static final int TIMES_AS_LONG = 6;

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
        long start = System.nanoTime();
        long asked = start;
        while (!holds.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - start > time.toNanos()) {
                throw new AssertionError("Waited in vain: " + what);
            }
            // spinning would take the processor from what is waited for, and so would asking often what takes long to tell, such
            // as a count of objects, for which all garbage is collected
            LockSupport.parkNanos(Math.max(Math.clamp((now - start) / 10, SHORTEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS),
                                           TIMES_AS_LONG * (now - asked)));
            asked = System.nanoTime();
        }
    }

    /** Waits until a thread waits: for a lock, for a condition, for a socket. */
    public static void untilBlocked(Thread thread) {
        until(thread + " blocks", () -> thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING);
    }
}
