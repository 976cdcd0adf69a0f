package dev.hangup.demo.page;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

import dev.hangup.outcome.CarrierReport;

import jakarta.json.Json;
import jakarta.json.JsonArrayBuilder;
import jakarta.json.JsonObjectBuilder;

/**
 * What a page was told.
 *
 * @param version of which state
 * @param slotEnd when there is more to tell of what is in flight
 * @param json    the words
 */
record Snapshot(long version, long slotEnd, String json) {
    /** How many requests in flight a page is told of: the newest. */
    static final int SHOWN = 50;
    /** Nothing yet. */
    static final Snapshot NOTHING = new Snapshot(-1, 0, "");

    /** All that there is to tell at a moment. */
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
