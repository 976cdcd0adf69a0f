package dev.hangup.demo.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import io.helidon.json.JsonArray;
import io.helidon.json.JsonNumber;
import io.helidon.json.JsonObject;

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
        JsonObject.Builder json = JsonObject.builder();
        for (Usefulness usefulness : Usefulness.values()) {
            json.set(usefulness.text(), TrackedRequest.millis(totals[usefulness.ordinal()]));
        }
        return json.build();
    }

    /** Returns the slots, beginning with the first that has work. Each holds milliseconds in the order of {@link Usefulness}. */
    List<JsonArray> slots() {
        List<JsonArray> json = new ArrayList<>();
        long slot = newest - SLOTS + 1;
        while (slot <= newest && Arrays.stream(slots[index(slot)]).allMatch(nanos -> nanos == 0)) {
            slot++;
        }
        for (; slot <= newest; slot++) {
            json.add(JsonArray.create(Arrays.stream(slots[index(slot)])
                                              .mapToObj(nanos -> JsonNumber.create(TimeUnit.NANOSECONDS.toMillis(nanos)))
                                              .toList()));
        }
        return json;
    }

    private static int index(long slot) {
        return Math.floorMod(slot, SLOTS);
    }
}
