package dev.hangup.demo.page;

import jakarta.json.Json;
import jakarta.json.JsonObject;

/** The number of requests of one variant, and the time that they took. Guarded by the ledger's lock. */
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
