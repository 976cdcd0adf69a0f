package dev.hangup.demo.page;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

import dev.hangup.outcome.CarrierReport;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;

/**
 * The state of the ledger that a page gets.
 *
 * @param version the version of the state
 * @param slotEnd when the next snapshot is due while work is in flight
 * @param json    the state as JSON
 */
record Snapshot(long version, long slotEnd, String json) {
    /** The maximum number of requests in flight in a snapshot; the newest are shown. */
    static final int SHOWN = 50;
    /** The empty snapshot. */
    static final Snapshot NOTHING = new Snapshot(-1, 0, "");

    /** Creates the snapshot of a moment. */
    static Snapshot at(String server, long now, long version, int pages, Optional<CarrierReport> carriers,
                       Collection<TrackedRequest> inFlight,
                       Collection<TrackedRequest> ended, Map<Variant, Count> counts) {
        JsonArrayBuilder running = Json.createArrayBuilder();
        inFlight.stream().skip(Math.max(0, inFlight.size() - SHOWN)).forEach(it -> running.add(it.json()));
        JsonArrayBuilder over = Json.createArrayBuilder();
        ended.forEach(it -> over.add(it.json()));
        JsonObjectBuilder ways = Json.createObjectBuilder();
        counts.forEach((variant, count) -> ways.add(variant.text(), count.json()));
        JsonObjectBuilder json = Json.createObjectBuilder()
                .add("server", server)
                .add("now", TrackedRequest.millis(now))
                .add("slot", now / TimeBuckets.SLOT)
                .add("pages", pages)
                .add("running", running)
                .add("ended", over)
                .add("variants", ways);
        carriers.ifPresent(it -> json.add("carriers", Json.createObjectBuilder()
                .add("now", it.carriers())
                .add("usual", it.usual())));
        return new Snapshot(version, (now / TimeBuckets.SLOT + 1) * TimeBuckets.SLOT, json.build().toString());
    }
}
