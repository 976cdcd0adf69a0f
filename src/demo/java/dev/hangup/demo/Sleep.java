package dev.hangup.demo;

import java.time.Duration;
import java.util.Locale;

import dev.hangup.Computation;

import io.helidon.json.JsonObject;
import io.helidon.webserver.http.ServerRequest;

/** Expensive work, which sleeps. */
final class Sleep implements Computation<JsonObject> {
    private static final System.Logger LOGGER = System.getLogger(Sleep.class.getName());
    private static final JsonObject ANSWER = JsonObject.builder()
            .set("msg", "Slept beautifully")
            .set("success", true)
            .build();

    @Override
    public JsonObject compute(ServerRequest request) throws InterruptedException {
        Duration time = Seconds.of(request.query());
        String path = request.path().path();
        LOGGER.log(System.Logger.Level.INFO, () -> path + ": sleeping for " + seconds(time.toNanos()));
        long start = System.nanoTime();
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, () -> path + ": cancelled after " + seconds(System.nanoTime() - start));
            throw e;
        }
        LOGGER.log(System.Logger.Level.INFO, () -> path + ": success, slept beautifully for " + seconds(System.nanoTime() - start));
        return ANSWER;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
