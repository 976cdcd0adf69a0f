package dev.hangup.demo;

import java.time.Duration;
import java.util.Locale;

import dev.hangup.Computation;

import io.helidon.json.JsonObject;
import io.helidon.webserver.http.ServerRequest;

/** An example of wrong code: it swallows interrupts and sleeps on. */
final class Unresponsive implements Computation<JsonObject> {
    private static final System.Logger LOGGER = System.getLogger(Unresponsive.class.getName());
    private static final JsonObject ANSWER = JsonObject.builder()
            .set("msg", "Slept on, whatever was said")
            .set("success", true)
            .build();

    @Override
    public JsonObject compute(ServerRequest request) {
        Duration time = Seconds.of(request.query());
        String path = request.path().path();
        LOGGER.log(System.Logger.Level.INFO, path + ": sleeping unresponsively for " + seconds(time.toNanos()));
        long start = System.nanoTime();
        for (long left = time.toNanos(); left > 0; left = time.toNanos() - (System.nanoTime() - start)) {
            try {
                Thread.sleep(Duration.ofNanos(left));
            } catch (InterruptedException e) {
                LOGGER.log(System.Logger.Level.WARNING, path + ": interrupted after " + seconds(System.nanoTime() - start)
                        + ", and sleeping on");
            }
        }
        LOGGER.log(System.Logger.Level.INFO, path + ": slept unresponsively for " + seconds(System.nanoTime() - start));
        return ANSWER;
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
