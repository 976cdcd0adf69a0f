package dev.hangup.demo;

import java.time.Duration;
import java.util.Locale;

import dev.hangup.Computation;

import io.helidon.json.JsonObject;
import io.helidon.webserver.http.ServerRequest;

/** Computes on the request's own virtual thread, in a loop that polls the interrupt status. */
final class Loop implements Computation<JsonObject> {
    private static final System.Logger LOGGER = System.getLogger(Loop.class.getName());
    private static final JsonObject ANSWER = JsonObject.builder()
            .set("msg", "Looped")
            .set("success", true)
            .build();

    @Override
    public JsonObject compute(ServerRequest request) throws InterruptedException {
        Duration time = Seconds.of(request.query());
        String path = request.path().path();
        LOGGER.log(System.Logger.Level.INFO, path + ": looping for " + seconds(time.toNanos()));
        long start = System.nanoTime();
        while (System.nanoTime() - start < time.toNanos()) {
            if (Thread.interrupted()) {
                LOGGER.log(System.Logger.Level.WARNING, path + ": cancelled after " + seconds(System.nanoTime() - start));
                throw new InterruptedException("Cancelled");
            }
        }
        LOGGER.log(System.Logger.Level.INFO, path + ": success, looped for " + seconds(time.toNanos()));
        return ANSWER;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
