package dev.hangup.demo.page;

import io.helidon.json.JsonObject;

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
        return JsonObject.builder()
                .set("running", running)
                .set("stopped", stopped)
                .set("ended", ended)
                .set("time", time.totals())
                .setValues("slots", time.slots())
                .build();
    }
}
