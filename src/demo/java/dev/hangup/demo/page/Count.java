package dev.hangup.demo.page;

import jakarta.json.Json;
import jakarta.json.JsonObject;

/** What there was of one way's work, and what it took. Guarded by the ledger's lock. */
final class Count {
    private final TimeBuckets time = new TimeBuckets();
    private int running;
    private long stopped;
    private long ended;

    void begun() {
        running++;
    }

    void stopped() {
        stopped++;
    }

    void ended() {
        running--;
        ended++;
    }

    TimeBuckets time() {
        return time;
    }

    JsonObject json() {
        return Json.createObjectBuilder()
                .add("running", running)
                .add("stopped", stopped)
                .add("ended", ended)
                .add("time", time.totals())
                .add("slots", time.slots())
                .build();
    }
}
