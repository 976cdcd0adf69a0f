package dev.hangup.internal.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

import dev.hangup.HangupConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.cluster.ClusterStatus;
import dev.hangup.internal.abandonment.AbandonmentLimiter;
import dev.hangup.internal.carriers.CarrierGuard;
import dev.hangup.internal.cluster.InternalListener;
import dev.hangup.internal.config.ConfigBounds;
import dev.hangup.internal.config.FeatureKeys;
import dev.hangup.internal.connection.ConnectionPolicy;
import dev.hangup.internal.connection.Http2Events;
import dev.hangup.internal.connection.ReadAheadBounds;
import dev.hangup.internal.connection.StallTimer;
import dev.hangup.internal.metrics.ServerMeters;
import dev.hangup.internal.metrics.ServerMetrics;
import dev.hangup.internal.outcome.CarrierReporter;
import dev.hangup.internal.outcome.FlightRecording;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.internal.outcome.OutcomeLog;
import dev.hangup.internal.outcome.OwnListener;
import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.internal.race.RaceRunner;
import dev.hangup.internal.race.Refusal;
import dev.hangup.internal.race.RequestGate;
import dev.hangup.internal.race.ServerPolicy;
import dev.hangup.internal.race.ServerWiring;
import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.UnresponsiveWork;

import io.helidon.http.Status;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.spi.ServerFeature;

/** Sets up servers according to the feature's configuration. Only this class depends on all other packages. */
final class FeatureWiring implements ServerWiring {
    /** The longest drain, as for the key {@code drain}. */
    private static final Duration DAY = Duration.ofDays(1);

    private final HangupConfig config;
    private final Optional<ServerMetrics> metrics;
    private final Optional<AbandonmentLimiter> abandonment;
    private final Listeners listeners;
    private final UnresponsiveRegistry unresponsive;
    private final Optional<Runnable> lostInternal;
    /** One object for all servers that share this instance, so that its listeners receive each report once. */
    private final Consumer<CarrierReport> carrierReports;
    /** The membership of the server that was set up last; {@code null} before. */
    private volatile ClusterMembership cluster;

    FeatureWiring(HangupConfig config) {
        this(config, Optional.empty(), Optional.empty());
    }

    /**
     * @param shared       the registry of the server, for its internal listener
     * @param lostInternal run when that listener has ended by itself
     */
    private FeatureWiring(HangupConfig config, Optional<UnresponsiveRegistry> shared, Optional<Runnable> lostInternal) {
        this.config = config;
        this.lostInternal = lostInternal;
        this.metrics = config.metrics() ? Optional.of(new ServerMetrics()) : Optional.empty();
        this.abandonment = Optional.of(config.abandonment()).filter(it -> it.mode() != AbandonmentMode.OFF)
                .map(it -> new AbandonmentLimiter(it, config.cluster().isPresent()));
        this.listeners = new Listeners(ownListeners(), config.listeners());
        this.carrierReports = new CarrierReporter(listeners)::report;
        this.unresponsive = shared.orElseGet(() -> new UnresponsiveRegistry(config.unresponsiveAfter(), config.maxUnresponsive(),
                                                                            listeners));
    }

    @Override
    public void setup(ServerFeature.ServerFeatureContext context) {
        RaceRunner.ensureSupported();
        VirtualThreadSockets.ensureReady();
        ServerPolicy serverPolicy = ServerPolicy.of(config, listeners, unresponsive, gates());
        ReadAheadBounds bounds = ReadAheadBounds.create(config.readAhead(), config.readAheadPerAddress(),
                                                        config.readAheadTotal());
        Http2Events http2Events = new Http2Events();
        metrics.ifPresent(ServerMetrics::prepare);
        StallTimer stallTimer = new StallTimer(serverPolicy.stallLimit());
        Paths paths = Paths.create(config.paths());
        Set<String> sockets = sockets(context);
        StartLog startLog = new StartLog(config);
        ClusterMembership membership = new ClusterMembership(config.cluster(), abandonment.flatMap(AbandonmentLimiter::shared),
                                                             lost -> new InternalFeature(unresponsive, config, lost));
        cluster = membership;
        Lifecycle lifecycle = new Lifecycle(config, context.serverConfig(), sockets, startLog, membership, listeners,
                                            List.of(this::guardCarriers, this::beginMetrics,
                                                    () -> beginServerMeters(bounds, http2Events, membership)),
                                            lostInternal);
        for (String socket : sockets) {
            ListenerConfig listener = WebServer.DEFAULT_SOCKET_NAME.equals(socket)
                    ? context.serverConfig()
                    : context.serverConfig().sockets().get(socket);
            startLog.add(socket, listener);
            ListenerSupport.ensureWatchable(config, socket, listener);
            abandonment.ifPresent(it -> it.warnIfAnonymous(socket, listener));
            ConnectionPolicy policy = new ConnectionPolicy(config.watch(), config.tolerateHalfClose(), bounds,
                                                           drain(socket, listener), lifecycle::stopping, lifecycle::isEnding,
                                                           config.lingeringClose(), stallTimer, http2Events, paths::over);
            ServerFeature.RoutingBuilders routings = context.socket(socket).routingBuilders();
            routings.routingBuilder(ConnectionPolicy.Builder.class, () -> new ConnectionPolicy.Builder(policy));
            routings.routingBuilder(ServerPolicy.Builder.class, () -> new ServerPolicy.Builder(serverPolicy));
            context.socket(socket).httpRouting().addFeature(new HangupRouting(serverPolicy, lifecycle, socket,
                                                                              !config.paths().isEmpty()));
        }
    }

    @Override
    public List<UnresponsiveWork> unresponsive() {
        return unresponsive.snapshot();
    }

    @Override
    public List<InFlightRequest> inFlight() {
        return listeners.inFlight().snapshot();
    }

    @Override
    public boolean cancel(long id) {
        return listeners.inFlight().cancel(id);
    }

    @Override
    public Optional<ClusterStatus> cluster() {
        ClusterMembership known = cluster;
        return known == null ? Optional.empty() : known.status();
    }

    private Runnable beginMetrics() {
        if (metrics.isEmpty()) {
            return () -> { };
        }
        ServerMetrics ofInstance = metrics.get();
        ofInstance.begin(listeners.inFlight()::size, unresponsive::size,
                         () -> abandonment.map(AbandonmentLimiter::refused).orElse(0L));
        return ofInstance::end;
    }

    private Runnable beginServerMeters(ReadAheadBounds bounds, Http2Events http2Events, ClusterMembership membership) {
        if (metrics.isEmpty()) {
            return () -> { };
        }
        ServerMeters ofServer = new ServerMeters(bounds::held, http2Events);
        membership.publish(ofServer);
        return ofServer::end;
    }

    private Runnable guardCarriers() {
        if (!config.carrierGuard()) {
            return () -> { };
        }
        metrics.ifPresent(ServerMetrics::carriers);
        int max = config.maxCarriers().orElseGet(CarrierGuard::defaultMax);
        return CarrierGuard.join(max, carrierReports);
    }

    /** Hangup's own listeners. */
    private List<OwnListener> ownListeners() {
        List<OwnListener> own = new ArrayList<>();
        own.add(new OutcomeLog());
        own.addAll(FlightRecording.ifSupported());
        metrics.ifPresent(own::add);
        abandonment.ifPresent(own::add);
        return own;
    }

    private List<RequestGate> gates() {
        List<RequestGate> gates = new ArrayList<>();
        abandonment.ifPresent(limiter -> gates.add((request, route, id) -> limiter
                .refusal(request, route, () -> route.name(request), id.getAsLong())
                .map(time -> new Refusal(Status.TOO_MANY_REQUESTS_429, Optional.of(time), "Too many requests were abandoned"))));
        gates.add(RequestGate.unresponsiveWork(unresponsive, config.retryAfter()));
        return gates;
    }

    private Set<String> sockets(ServerFeature.ServerFeatureContext context) {
        Set<String> sockets = new HashSet<>(config.sockets());
        if (sockets.isEmpty()) {
            sockets.addAll(context.sockets());
            sockets.add(WebServer.DEFAULT_SOCKET_NAME);
        }
        for (String socket : sockets) {
            ConfigBounds.FEATURE.check("sockets", context.socketExists(socket), "names no socket of the server: " + socket);
            // Helidon would keep the policies of the first feature, and the second would have no effect on the socket
            ConfigBounds.FEATURE.check("sockets", !context.socket(socket).routingBuilders().hasRouting(ServerPolicy.Builder.class),
                    "of the feature " + config.name() + " must not include socket " + socket + " because another feature of type "
                    + FeatureKeys.TYPE + " is active on it. Give each of them sockets of its own. Helidon adds one named "
                    + FeatureKeys.TYPE + " unless a feature has that name or features-discover-services is false");
        }
        return sockets;
    }

    private Duration drain(String socket, ListenerConfig listener) {
        Duration grace = listener.shutdownGracePeriod();
        config.drain().ifPresent(it -> ConfigBounds.FEATURE.check("drain", it.compareTo(grace) < 0,
                "must be shorter than shutdown-grace-period of socket " + socket + " (" + grace + "), but is " + it));
        return config.drain().orElseGet(() -> {
            // cancelled work needs some time to end, too
            Duration less = grace.minusSeconds(1);
            Duration half = grace.dividedBy(2);
            Duration drain = less.compareTo(half) > 0 ? less : half;
            return drain.compareTo(DAY) < 0 ? drain : DAY;
        });
    }

    /**
     * The feature of the internal listener of a cluster member. It shares the server's registry of unresponsive work.
     *
     * @param lost run when that listener has ended by itself
     */
    private record InternalFeature(UnresponsiveRegistry unresponsive, HangupConfig server, Runnable lost)
            implements ServerFeature {
        @Override
        public void setup(ServerFeatureContext context) {
            HangupConfig config = HangupConfig.builder().name(name()).metrics(false).deadline(DAY).maxDeadline(DAY)
                    .carrierGuard(false).retryAfter(server.retryAfter()).exitWithoutListener(server.exitWithoutListener())
                    .buildPrototype();
            new FeatureWiring(config, Optional.of(unresponsive), Optional.of(lost)).setup(context);
        }

        @Override
        public String name() {
            return InternalListener.NAME;
        }

        @Override
        public String type() {
            return FeatureKeys.TYPE;
        }
    }
}
