package dev.hangup.demo.page;

import java.util.Collection;
import java.util.Map;
import java.util.Optional;

import dev.hangup.cluster.ClusterStatus;
import dev.hangup.outcome.CarrierReport;

import io.helidon.json.JsonObject;

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
                       Optional<ClusterStatus> cluster, Collection<TrackedRequest> inFlight, Collection<TrackedRequest> ended,
                       Map<Variant, Count> counts) {
        JsonObject.Builder ways = JsonObject.builder();
        counts.forEach((variant, count) -> ways.set(variant.text(), count.json()));
        long hidden = Math.max(0, inFlight.size() - SHOWN);
        JsonObject.Builder json = JsonObject.builder()
                .set("server", server)
                .set("now", TrackedRequest.millis(now))
                .set("slot", now / TimeBuckets.SLOT)
                .set("pages", pages)
                .setValues("running", inFlight.stream().skip(hidden).map(TrackedRequest::json).toList())
                .setValues("ended", ended.stream().map(TrackedRequest::json).toList())
                .set("variants", ways.build());
        carriers.ifPresent(it -> json.set("carriers", JsonObject.builder()
                .set("now", it.carriers())
                .set("usual", it.usual())
                .build()));
        cluster.ifPresent(it -> json.set("cluster", json(it)));
        return new Snapshot(version, (now / TimeBuckets.SLOT + 1) * TimeBuckets.SLOT, json.build().toString());
    }

    private static JsonObject json(ClusterStatus cluster) {
        JsonObject.Builder calls = JsonObject.builder();
        cluster.calls().forEach((outcome, count) -> calls.set(outcome.text(), count));
        JsonObject.Builder json = JsonObject.builder()
                .set("self", cluster.self())
                .setStrings("members", cluster.members())
                .set("owned", cluster.owned())
                .set("relayed", cluster.relayed())
                .set("calls", calls.build());
        cluster.problem().ifPresent(it -> json.set("problem", it));
        return json.build();
    }
}
