package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A limit on how slowly a client may read a response while the server waits for it.
 *
 * @param time    how long a client may read more slowly than the minimum rate; zero for no limit
 * @param minRate bytes a second; zero if a single byte will do
 */
public record StallLimit(Duration time, int minRate) {
    /** How often a response is looked at within the time. A stall lasts no longer than the time and one more interval. */
    private static final int LOOKS = 4;

    /** Returns whether there is no limit. */
    public boolean isNone() {
        return time.isZero();
    }

    /** Returns the time between two looks at a response. */
    public Duration interval() {
        return time.dividedBy(LOOKS);
    }

    /**
     * Whether a thread that is writing is blocked until the client takes something. Always true for a platform thread, which counts
     * as runnable while it is blocked in a socket.
     */
    public static boolean isBlocked(Thread writing) {
        return !writing.isVirtual() || writing.getState() != Thread.State.RUNNABLE;
    }

    /** The number of bytes with which a client gains the whole time again. */
    private long quota() {
        return Math.max(1, Math.round(minRate * (time.toNanos() / 1e9)));
    }

    /**
     * Measures how much a client reads while the server waits for it. A timer checks at each interval. A client that the server
     * does not wait for at such a moment has not stalled, so a slow producer is never mistaken for a slow client.
     */
    public final class Watch {
        private final LongSupplier meter;
        /** Whether the server was waiting for the client at the last look, and since when. */
        private boolean waiting;
        private long since;
        private long takenBefore;

        /** Begins to watch the number of bytes that the client has taken, of which only differences have a meaning. */
        public Watch(LongSupplier meter) {
            this.meter = meter;
        }

        /** Called at each look, with whether the server waits for the client now; returns whether the client has stalled. */
        public boolean stalled(boolean waits) {
            long now = System.nanoTime();
            long taken = meter.getAsLong();
            boolean waited = waiting;
            waiting = waits;
            if (waited && waiting && taken - takenBefore < quota()) {
                return now - since >= time.toNanos();
            }
            since = now;
            takenBefore = taken;
            return false;
        }
    }
}
