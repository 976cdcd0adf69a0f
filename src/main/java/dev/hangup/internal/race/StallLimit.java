package dev.hangup.internal.race;

import java.time.Duration;
import java.util.function.LongSupplier;

import dev.hangup.internal.response.ResponseOwnership;

/**
 * How little of a response a client may take while the server waits for it.
 *
 * @param time    how long a client may take less than the least rate; zero for no limit
 * @param minRate bytes a second; zero if a single byte will do
 */
public record StallLimit(Duration time, int minRate) {
    /** How often a response is looked at within the time. A stall lasts no longer than the time and one more interval. */
    private static final int LOOKS = 4;

    boolean isNone() {
        return time.isZero();
    }

    Duration interval() {
        return time.dividedBy(LOOKS);
    }

    /** The number of bytes with which a client gains the whole time again. */
    private long quota() {
        return Math.max(1, Math.round(minRate * (time.toNanos() / 1e9)));
    }

    /**
     * One response. The timer looks at it at each interval. A client that is not waited for at such a moment has not stalled,
     * so a producer that is slow is never taken for a client that is.
     */
    final class Watch {
        private final ResponseOwnership response;
        private final LongSupplier meter;
        /** The server was waiting for the client at the last look, and since when. */
        private boolean waiting;
        private long since;
        private long takenBefore;

        Watch(ResponseOwnership response, LongSupplier meter) {
            this.response = response;
            this.meter = meter;
        }

        /** Looks at the response; returns whether the client has stalled. */
        boolean stalled() {
            long now = System.nanoTime();
            long taken = meter.getAsLong();
            boolean waited = waiting;
            waiting = response.waitsForClient();
            if (waited && waiting && taken - takenBefore < quota()) {
                return now - since >= time.toNanos();
            }
            since = now;
            takenBefore = taken;
            return false;
        }
    }
}
