package dev.hangup.demo;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

import dev.hangup.Computation;
import dev.hangup.cluster.Codec;
import dev.hangup.coalescing.Coalescing;
import dev.hangup.metrics.HangupMetrics;

import io.helidon.config.Config;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;

/**
 * Work that sleeps once for all requests with the same {@code name} and {@code seconds} that wait for it at the same time, in a
 * cluster for those of all replicas. The result says which replica has computed it.
 */
final class Coalesced implements HttpFeature {
    private static final System.Logger LOGGER = System.getLogger(Coalesced.class.getName());
    private static final String NAME = "name";
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final String replica;
    private final Coalescing<String, String> route = HangupMetrics.bind("coalesced", Coalescing.<String, String>builder()
            .key(Coalesced::key)
            .computing(this::compute)
            .deadline(DEADLINE)
            .clustered("coalesced", Codec.text(), Codec.text())
            .build());

    /**
     * @param config the node with {@code name}, what this replica is called in results
     */
    Coalesced(Config config) {
        this.replica = config.get("name").asString().filter(it -> !it.isEmpty()).map(it -> " on " + it).orElse("");
    }

    /** Returns the computation that each request begins for itself. */
    Computation<String> bare() {
        return request -> compute(key(request));
    }

    /** Returns the handler that coalesces requests. */
    Handler underHangup() {
        return route;
    }

    @Override
    public void setup(HttpRouting.Builder routing) {
        // no routes: the handler is mounted behind others, so the server does not notify it
    }

    @Override
    public void afterStart(WebServer server) {
        route.afterStart(server);
    }

    @Override
    public void afterStop() {
        route.afterStop();
    }

    /** A name without spaces, and a duration. */
    private static String key(ServerRequest request) {
        List<String> names = request.query().contains(NAME) ? request.query().all(NAME) : List.of("report");
        if (names.size() != 1 || !names.getFirst().matches("[\\w.-]{1,40}")) {
            throw new HttpException("name must be one word of up to 40 letters and digits", Status.BAD_REQUEST_400, true);
        }
        return names.getFirst() + " " + Seconds.of(request.query());
    }

    private String compute(String key) throws InterruptedException {
        String[] parts = key.split(" ");
        String name = parts[0];
        Duration time = Duration.parse(parts[1]);
        LOGGER.log(System.Logger.Level.INFO, () -> name + ": computing for " + seconds(time.toNanos()));
        long start = System.nanoTime();
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            LOGGER.log(System.Logger.Level.WARNING, () -> name + ": cancelled after " + seconds(System.nanoTime() - start)
                    + ", nobody waits for it any more");
            throw e;
        }
        LOGGER.log(System.Logger.Level.INFO, () -> name + ": computed in " + seconds(System.nanoTime() - start));
        return name + ": slept beautifully" + replica + "\n";
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }
}
