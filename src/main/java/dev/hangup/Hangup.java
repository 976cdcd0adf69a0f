package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

import dev.hangup.cluster.ClusterStatus;
import dev.hangup.internal.config.FeatureKeys;
import dev.hangup.internal.race.ServerWiring;
import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.UnresponsiveWork;

import io.helidon.builder.api.RuntimeType;
import io.helidon.common.Weighted;
import io.helidon.config.Config;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.spi.ServerFeature;

/**
 * Stops the work of a request when its client has left, its deadline has passed or the server stops.
 * <p>
 * If this module is on the class path, it is a feature of every web server, configured under {@code server.features.hangup}.
 * One line makes a route cancellable:
 * <pre>{@code
 * routing.get("/report", Hangup.cancellable(request -> reports.compute(request.query())))
 *        .get("/export", Hangup.cancellable((request, response) -> exports.write(response.outputStream())));
 * }</pre>
 * Routes whose code cannot be changed are listed under {@code server.features.hangup.paths}.
 * <p>
 * The work runs on a virtual thread of its own, in a task scope. It has the scoped values, the Helidon context and the logging
 * context of the request, but no thread locals of other threads. To stop the work, Hangup interrupts its thread. The client
 * does not wait until the work reacts: the response is sent on time. The request keeps its concurrency permit until the work
 * has ended. If no part of the response had been sent, the client gets 503, and the connection is closed after that; otherwise
 * the connection is closed in the middle of the response. Over HTTP/2, the stream ends instead, and the connection stays open.
 * Output of cancelled work is discarded: writing to the response's stream throws {@link java.io.IOException}; other calls on the
 * response have no effect.
 */
public final class Hangup implements ServerFeature, Weighted, RuntimeType.Api<HangupConfig> {
    private final HangupConfig config;
    private final ServerWiring wiring;

    private Hangup(HangupConfig config) {
        this.config = config;
        this.wiring = ServerWiring.create(config);
    }

    /**
     * Returns a handler that runs a computation cancellably, and sends its result through Helidon's media support.
     *
     * @param computation computes the result
     * @return a handler for a route
     */
    public static Handler cancellable(Computation<?> computation) {
        return CancellableHandler.of(computation, Optional.empty());
    }

    /**
     * Makes a computation cancellable as {@link #cancellable(Computation)} does, with a deadline for this route.
     *
     * @param deadline    counted from the end of the request's headers, instead of the server's; positive
     * @param computation computes the result
     * @return a handler for a route
     * @throws IllegalArgumentException if the deadline is not positive
     */
    public static Handler cancellable(Duration deadline, Computation<?> computation) {
        return CancellableHandler.of(computation, Optional.of(deadline));
    }

    /**
     * Makes an existing blocking handler cancellable. The handler writes its own response, which may be a stream.
     *
     * @param handler runs on a virtual thread that is interrupted when its work is cancelled
     * @return a handler for a route
     */
    public static Handler cancellable(Handler handler) {
        return new CancellableHandler(handler, Optional.empty());
    }

    /**
     * Makes a handler cancellable as {@link #cancellable(Handler)} does, with a deadline for this route.
     *
     * @param deadline counted from the end of the request's headers, instead of the server's; positive
     * @param handler  runs on a virtual thread that is interrupted when its work is cancelled
     * @return a handler for a route
     * @throws IllegalArgumentException if the deadline is not positive
     */
    public static Handler cancellable(Duration deadline, Handler handler) {
        return new CancellableHandler(handler, Optional.of(deadline));
    }

    /** {@return a builder to set up the feature in code, with the defaults} */
    public static HangupConfig.Builder builder() {
        return HangupConfig.builder();
    }

    /**
     * Creates the feature with its defaults.
     *
     * @return the feature
     */
    public static Hangup create() {
        return builder().build();
    }

    /**
     * Creates the feature from configuration.
     *
     * @param config located at the feature's own node
     * @return the feature
     */
    public static Hangup create(Config config) {
        return builder().config(config).build();
    }

    static Hangup create(HangupConfig config) {
        return new Hangup(config);
    }

    static Hangup create(Consumer<HangupConfig.Builder> consumer) {
        return builder().update(consumer).build();
    }

    /**
     * {@return the requests in flight whose work has lasted for more than a few milliseconds, cancelled ones included, the oldest
     * request first}
     * A request that already has its response is not listed, even if its handler runs more work.
     */
    public List<InFlightRequest> inFlight() {
        return wiring.inFlight();
    }

    /**
     * Cancels the work of a request, as if its deadline had passed. Its client gets 503 without {@code Retry-After}, and the
     * request ends as {@link Outcome#CANCELLED}.
     *
     * @param id the request's number, as in {@link #inFlight()}, {@link dev.hangup.outcome.RequestStart#id()} or the log
     * @return whether the request was in flight and had not already been cancelled
     */
    public boolean cancel(long id) {
        return wiring.cancel(id);
    }

    /**
     * Returns the unresponsive work: work that still runs although it was cancelled at least {@code unresponsive-after} ago.
     * Taking its stack traces halts each of its threads for a moment. If Helidon discovered Hangup on the class path, this
     * instance is among the {@link io.helidon.webserver.WebServerConfig#features() features} of the server's prototype.
     *
     * @return a snapshot, in no particular order
     */
    public List<UnresponsiveWork> unresponsive() {
        return wiring.unresponsive();
    }

    /**
     * {@return what the server knows of the {@linkplain dev.hangup.cluster cluster} that it is a member of; empty if no cluster is
     * configured, or before the server is set up}
     */
    public Optional<ClusterStatus> cluster() {
        return wiring.cluster();
    }

    @Override
    public void setup(ServerFeatureContext context) {
        wiring.setup(context);
    }

    @Override
    public HangupConfig prototype() {
        return config;
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public String type() {
        return FeatureKeys.TYPE;
    }

    @Override
    public double weight() {
        return config.weight();
    }

}
