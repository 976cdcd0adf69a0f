package dev.hangup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import dev.hangup.connection.ConnectionPolicy;
import dev.hangup.connection.Http2Events;
import dev.hangup.connection.ReadAheadBounds;
import dev.hangup.flight.FlightRecording;
import dev.hangup.health.Readiness;
import dev.hangup.holdoff.AbandonmentLimiter;
import dev.hangup.metrics.ServerMetrics;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.race.Listeners;
import dev.hangup.race.OutcomeLog;
import dev.hangup.race.RaceRunner;
import dev.hangup.race.ServerPolicy;
import dev.hangup.race.UnresponsiveRegistry;

import io.helidon.builder.api.RuntimeType;
import io.helidon.common.Weighted;
import io.helidon.config.Config;
import io.helidon.http.Status;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.spi.ServerFeature;

/**
 * Stops the work of a request when its client has left, its deadline has passed or the server stops.
 * <p>
 * On the class path it is a feature of every web server, configured under {@code server.features.hangup}. Then one
 * line makes a route cancellable:
 * <pre>{@code
 * routing.get("/report", Hangup.cancellable(request -> reports.compute(request.query())))
 *        .get("/export", Hangup.cancellable((request, response) -> exports.write(response.outputStream())));
 * }</pre>
 * and routes of code that cannot be changed are named under {@code server.features.hangup.paths}.
 * <p>
 * The work runs on a virtual thread of its own, in a task scope, with the scoped values, the Helidon context and the
 * logging context of the request, but not with thread locals of others. To stop it, it is interrupted. It may go on for as
 * long as it likes to notice; its client is answered on time all the same, and its concurrency permit is held until it has
 * ended. If none of its answer was out, the client gets 503 and the connection is closed after that; otherwise the
 * connection is closed in the middle. What stopped work still says of its answer reaches nobody: writing to its stream
 * throws {@link java.io.IOException}, the rest is dropped.
 */
public final class Hangup implements ServerFeature, Weighted, RuntimeType.Api<HangupConfig> {
    static final String TYPE = "hangup";
    /** Below the weight of routes and their filters: everything else is set up before. */
    static final double WEIGHT = 50;
    /** How long a server that stops waits until its listeners know of it. */
    private static final int SECONDS_TO_NOTIFY = 3;

    private final HangupConfig config;
    private final Optional<ServerMetrics> metrics;
    private final Listeners listeners;
    private final UnresponsiveRegistry unresponsive;

    private Hangup(HangupConfig config) {
        this.config = config;
        this.metrics = config.metrics() ? Optional.of(new ServerMetrics()) : Optional.empty();
        this.listeners = new Listeners(ownListeners(), config.listeners());
        this.unresponsive = new UnresponsiveRegistry(config.unresponsiveAfter(), config.maxUnresponsive(), listeners);
    }

    /**
     * Makes a computation cancellable, and sends what it computes through Helidon's media support.
     *
     * @param computation computes the answer
     * @return a handler for a route
     */
    public static Handler cancellable(Computation<?> computation) {
        return CancellableHandler.of(computation, Optional.empty());
    }

    /**
     * As {@link #cancellable(Computation)}, with a deadline for this route.
     *
     * @param deadline    counted from the end of the request's headers, instead of the server's; positive
     * @param computation computes the answer
     * @return a handler for a route
     * @throws IllegalArgumentException if the deadline is not positive
     */
    public static Handler cancellable(Duration deadline, Computation<?> computation) {
        return CancellableHandler.of(computation, Optional.of(deadline));
    }

    /**
     * Makes an existing blocking handler cancellable, one that writes its own response, streaming included.
     *
     * @param handler runs on a virtual thread that is interrupted when its work is to stop
     * @return a handler for a route
     */
    public static Handler cancellable(Handler handler) {
        return new CancellableHandler(handler, Optional.empty());
    }

    /**
     * As {@link #cancellable(Handler)}, with a deadline for this route.
     *
     * @param deadline counted from the end of the request's headers, instead of the server's; positive
     * @param handler  runs on a virtual thread that is interrupted when its work is to stop
     * @return a handler for a route
     * @throws IllegalArgumentException if the deadline is not positive
     */
    public static Handler cancellable(Duration deadline, Handler handler) {
        return new CancellableHandler(handler, Optional.of(deadline));
    }

    /**
     * A builder to set up the feature in code.
     *
     * @return a builder with the defaults
     */
    public static HangupConfig.Builder builder() {
        return HangupConfig.builder();
    }

    /**
     * The feature with its defaults.
     *
     * @return the feature
     */
    public static Hangup create() {
        return builder().build();
    }

    /**
     * The feature as configured.
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

    @Override
    public void setup(ServerFeatureContext context) {
        RaceRunner.ensureSupported();
        ServerPolicy serverPolicy = serverPolicy();
        ReadAheadBounds bounds = ReadAheadBounds.create(config.readAhead(), config.readAheadPerAddress(),
                                                        config.readAheadTotal());
        Http2Events http2Events = new Http2Events();
        metrics.ifPresent(it -> it.begin(listeners::inFlight, unresponsive::size, serverPolicy.abandonmentLimiter()::refused, bounds::held,
                                         http2Events));
        Readiness readiness = new Readiness();
        Paths paths = Paths.create(config.paths());
        Set<String> sockets = sockets(context);
        AtomicInteger running = new AtomicInteger(sockets.size());
        for (String socket : sockets) {
            ListenerConfig listener = WebServer.DEFAULT_SOCKET_NAME.equals(socket)
                    ? context.serverConfig()
                    : context.serverConfig().sockets().get(socket);
            ListenerSupport.ensureWatchable(config, socket, listener);
            ConnectionPolicy policy = new ConnectionPolicy(config.watch(), config.tolerateHalfClose(), bounds,
                                                           drain(socket, listener), readiness::stopping,
                                                           config.lingeringClose(), http2Events, paths::over);
            RoutingBuilders routings = context.socket(socket).routingBuilders();
            routings.routingBuilder(ConnectionPolicy.Builder.class, () -> new ConnectionPolicy.Builder(policy));
            routings.routingBuilder(ServerPolicy.Builder.class, () -> new ServerPolicy.Builder(serverPolicy));
            context.socket(socket).httpRouting().addFeature(new HangupRouting(serverPolicy, readiness, () -> stopped(running),
                                                                               !config.paths().isEmpty()));
        }
    }

    /**
     * The work that goes on although it was cancelled, {@code unresponsive-after} ago or longer, and where it is now. To find
     * that out, its threads are halted for a moment each. Where Hangup was found on the class path, this instance is among
     * the {@link io.helidon.webserver.WebServerConfig#features() features} of the server's prototype.
     *
     * @return a snapshot, in no order
     */
    public List<UnresponsiveWork> unresponsive() {
        return unresponsive.snapshot();
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
        return TYPE;
    }

    @Override
    public double weight() {
        return config.weight();
    }

    /** One of the server's sockets has stopped; they do so one after the other. */
    private void stopped(AtomicInteger running) {
        listeners.awaitDelivery(SECONDS_TO_NOTIFY);
        if (running.decrementAndGet() == 0) {
            metrics.ifPresent(ServerMetrics::end);
        }
    }

    /** What Hangup itself tells of requests, and to whom. */
    private List<OutcomeListener> ownListeners() {
        List<OutcomeListener> own = new ArrayList<>();
        own.add(new OutcomeLog());
        own.addAll(FlightRecording.ifSupported());
        metrics.ifPresent(own::add);
        return own;
    }

    private ServerPolicy serverPolicy() {
        Status disconnected = config.disconnectedStatus() == ServerPolicy.CLIENT_CLOSED_REQUEST.code()
                ? ServerPolicy.CLIENT_CLOSED_REQUEST
                : Status.create(config.disconnectedStatus());
        return new ServerPolicy(config.deadline(), config.maxDeadline(), disconnected, config.retryAfter(), listeners, unresponsive,
                                abandonmentLimiter());
    }

    private AbandonmentLimiter abandonmentLimiter() {
        AbandonmentLimitConfig limit = config.abandonmentLimit();
        return new AbandonmentLimiter(limit.mode(), limit.abandoned(), limit.window(), limit.maxClients(), limit.client());
    }

    private Set<String> sockets(ServerFeatureContext context) {
        Set<String> sockets = new HashSet<>(config.sockets());
        if (sockets.isEmpty()) {
            sockets.addAll(context.sockets());
            sockets.add(WebServer.DEFAULT_SOCKET_NAME);
        }
        for (String socket : sockets) {
            HangupConfigSupport.check("sockets", context.socketExists(socket), "names no socket of the server: " + socket);
        }
        return sockets;
    }

    private Duration drain(String socket, ListenerConfig listener) {
        Duration grace = listener.shutdownGracePeriod();
        config.drain().ifPresent(it -> HangupConfigSupport.check("drain", it.compareTo(grace) < 0,
                "must be shorter than shutdown-grace-period of socket " + socket + " (" + grace + "), but is " + it));
        return config.drain().orElse(grace.dividedBy(2));
    }
}
