package dev.hangup.demo;

import java.time.Duration;
import java.util.Locale;

import dev.hangup.Computation;

import io.helidon.webserver.http.ServerRequest;

import jakarta.json.Json;
import jakarta.json.JsonObject;

/** The expensive work of the blog post, which sleeps. */
final class Sleep implements Computation<JsonObject> {
    private static final System.Logger LOGGER = System.getLogger(Sleep.class.getName());
    private static final JsonObject ANSWER = Json.createObjectBuilder()
            .add("msg", "Slept beautifully")
            .add("success", true)
            .build();

    @Override
    public JsonObject compute(ServerRequest request) throws InterruptedException {
        Duration time = Seconds.of(request.query());
        LOGGER.log(System.Logger.Level.INFO, request.path().path() + ": sleeping for " + seconds(time.toNanos()));
        long start = System.nanoTime();
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, request.path().path() + ": cancelled after "
                    + seconds(System.nanoTime() - start));
            throw e;
        }
        LOGGER.log(System.Logger.Level.INFO, request.path().path() + ": success, slept beautifully for "
                + seconds(System.nanoTime() - start));
        return ANSWER;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
