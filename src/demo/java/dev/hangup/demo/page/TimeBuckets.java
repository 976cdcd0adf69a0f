package dev.hangup.demo.page;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObject;
import jakarta.json.JsonObjectBuilder;

/**
 * The time that the work of one variant took, by usefulness: in total, and in slots for the last minutes. Guarded by the
 * ledger's lock.
 */
final class TimeBuckets {
    /** The length of a slot in nanoseconds. */
    static final long SLOT = TimeUnit.SECONDS.toNanos(1);
    /** The number of slots that are kept, for three minutes. */
    static final int SLOTS = 180;

    private final long[] totals = new long[Usefulness.values().length];
    private final long[][] slots = new long[SLOTS][Usefulness.values().length];
    private long newest;

    /** Advances to a time: begins new slots, and drops the oldest. */
    void advance(long now) {
        long current = now / SLOT;
        for (long slot = Math.max(newest + 1, current - SLOTS + 1); slot <= current; slot++) {
            Arrays.fill(slots[index(slot)], 0);
        }
        newest = Math.max(newest, current);
    }

    /**
     * Adds the time between two moments, neither of them later than the last {@link #advance}.
     *
     * @param sign 1 to add the time, -1 to subtract it
     */
    void add(Usefulness usefulness, long from, long to, int sign) {
        totals[usefulness.ordinal()] += sign * (to - from);
        long first = Math.max(from / SLOT, newest - SLOTS + 1);
        for (long slot = first; slot <= Math.min(to / SLOT, newest); slot++) {
            long part = Math.min(to, (slot + 1) * SLOT) - Math.max(from, slot * SLOT);
            slots[index(slot)][usefulness.ordinal()] += sign * part;
        }
    }

    /** Returns the totals in milliseconds. */
    JsonObject totals() {
        JsonObjectBuilder json = Json.createObjectBuilder();
        for (Usefulness usefulness : Usefulness.values()) {
            json.add(usefulness.text(), TrackedRequest.millis(totals[usefulness.ordinal()]));
        }
        return json.build();
    }

    /** Returns the slots, beginning with the first that has work. Each holds milliseconds in the order of {@link Usefulness}. */
    JsonArray slots() {
        JsonArrayBuilder json = Json.createArrayBuilder();
        long slot = newest - SLOTS + 1;
        while (slot <= newest && Arrays.stream(slots[index(slot)]).allMatch(nanos -> nanos == 0)) {
            slot++;
        }
        for (; slot <= newest; slot++) {
            JsonArrayBuilder times = Json.createArrayBuilder();
            for (long nanos : slots[index(slot)]) {
                times.add(TimeUnit.NANOSECONDS.toMillis(nanos));
            }
            json.add(times);
        }
        return json.build();
    }

    private static int index(long slot) {
        return Math.floorMod(slot, SLOTS);
    }
}
