package dev.hangup.internal.cluster;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

import javax.net.ssl.SSLParameters;

import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterStatus;
import dev.hangup.cluster.RelayOutcome;
import dev.hangup.internal.abandonment.SharedAbandonment;
import dev.hangup.internal.metrics.ServerMetrics;
import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.tls.FullDuplexTls;

import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.config.ConfigException;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * A member of a cluster: its internal listener, its view of the members, and its calls to them.
 * <p>
 * Joining takes a second or more if there is nobody to join, so it happens on a thread of its own. Before that, and if joining
 * fails, the view has no other members, so every request is computed here.
 */
public final class Cluster {
    /** The name of the feature on internal listeners, about which it logs nothing when they start. */
    public static final String INTERNAL = "hangup-cluster";

    private static final System.Logger LOGGER = System.getLogger(Cluster.class.getName());
    private static final String KEY = "server.features.hangup.cluster";
    private static final Duration DAY = Duration.ofDays(1);
    private static final int PROBE_MILLIS = 1000;

    private final ClusterConfig config;
    private final Tls tls;
    private final RelayWire wire;
    private final Optional<SharedAbandonment> abandonment;
    private final Set<RelayedCall> calls = ConcurrentHashMap.newKeySet();
    private final RelayCounts counts = new RelayCounts();
    private final AtomicBoolean leaving = new AtomicBoolean();
    /** Settles the race of a new view with leaving, after which there is none. */
    private final Lock viewLock = new ReentrantLock();
    /** The internal listeners of all members. Written under the lock of the view. */
    private volatile List<String> members = List.of();
    /** The address of this member's internal listener. Written by the joining thread, as are the next three. */
    private volatile String self = "";
    private volatile WebServer listener;
    private volatile Membership membership;
    private volatile Thread sender;
    /** Written by the thread that starts the server; {@code null} before. */
    private volatile ClusterRoutes routes;
    /** Why there are no other members. Written under the lock of the view. */
    private volatile Optional<String> problem = Optional.empty();

    private Cluster(ClusterConfig config, Tls tls, Optional<SharedAbandonment> abandonment) {
        this.config = config;
        this.tls = tls;
        this.abandonment = abandonment;
        this.wire = new RelayWire(tls, config.goneAfter());
    }

    /**
     * Creates a member, which has not joined.
     *
     * @param config      its configuration
     * @param abandonment what the members count together; empty if clients may abandon requests
     * @return the member
     * @throws ConfigException if something is missing, which the message contains
     */
    public static Cluster create(ClusterConfig config, Optional<SharedAbandonment> abandonment) {
        Tls tls = config.tls().filter(Tls::enabled).orElseThrow(() -> new ConfigException(KEY + ".tls must be set, with a private"
                + " key and trust: members authenticate each other by their certificates"));
        TlsConfig prototype = tls.prototype();
        if (prototype.trustAll() || prototype.sslContext().isEmpty() && prototype.trust().isEmpty()) {
            throw new ConfigException(KEY + ".tls.trust must be set: a process with a trusted certificate is a member");
        }
        try {
            return new Cluster(config, TlsConfig.builder(prototype).sslParameters(mutual(tls.sslParameters())).build(),
                               abandonment);
        } catch (NoClassDefFoundError e) {
            throw new ConfigException(KEY + " needs io.helidon.webclient:helidon-webclient on the class path", e);
        }
    }

    /** Helidon 4.5.0 derives no parameters from a client-auth that is set in a copy ({@code TlsConfigDecorator}). */
    private static SSLParameters mutual(SSLParameters parameters) {
        parameters.setNeedClientAuth(true);
        parameters.setEndpointIdentificationAlgorithm("");
        return parameters;
    }

    /**
     * Begins to join, when the server has started and its routes are known.
     *
     * @param routes the routes of the server
     */
    public void join(ClusterRoutes routes) {
        this.routes = routes;
        routes.joinedBy(this);
        Thread.ofPlatform().name("hangup-cluster").daemon().start(() -> {
            try {
                joinNow(routes);
            } catch (Exception | NoClassDefFoundError e) {
                problem("cannot join: " + reason(e));
                LOGGER.log(System.Logger.Level.WARNING, "This server cannot join the cluster " + config.name()
                        + " and computes for itself: " + reason(e));
                LOGGER.log(System.Logger.Level.DEBUG, "The reason:", e);
                leave();
            }
        });
    }

    private void joinNow(ClusterRoutes routes) throws Exception {
        listener = listener(routes).start();
        if (!listener.isRunning()) {
            throw new IllegalStateException("no socket for " + config.host() + ":" + config.httpPort() + " (http-port)");
        }
        self = (config.host().contains(":") ? "[" + config.host() + "]" : config.host()) + ":" + listener.port();
        LOGGER.log(System.Logger.Level.INFO, "Cluster " + config.name() + ": members meet at " + config.host() + ":"
                + config.port() + ", and relay requests to the internal listener at " + self);
        Membership joining = new JGroupsMembership(config, tls.sslContext(), self);
        membership = joining;
        joining.join(this::changed, message -> abandonment.ifPresent(it -> it.received(message)));
        abandonment.ifPresent(it -> sender = BatchSender.start(joining, it));
        if (leaving.get()) {
            close(joining);
            listener.stop();
        } else {
            warnIfAlone();
        }
    }

    /** Members that start together find each other within that time. */
    private void warnIfAlone() throws InterruptedException {
        MemberAddresses addresses = new MemberAddresses(config);
        boolean lookedFor = config.dns().isPresent() || !addresses.others().isEmpty();
        if (members.size() == 1 && lookedFor) {
            Thread.sleep(config.goneAfter());
            if (members.size() == 1) {
                String reasons = new PeerProbe(tls.sslContext(), PROBE_MILLIS).reasons(addresses.others());
                LOGGER.log(System.Logger.Level.WARNING, "This server has found no other member of the cluster " + config.name()
                        + " and computes for itself until one joins: " + reasons);
                problem("has found no other member: " + reasons);
            }
        }
    }

    private void problem(String text) {
        viewLock.lock();
        try {
            if (members.size() <= 1) {
                problem = Optional.of(text);
            }
        } finally {
            viewLock.unlock();
        }
    }

    private WebServer listener(ClusterRoutes routes) {
        return WebServer.builder()
                .host(config.host())
                .port(config.httpPort())
                .tls(FullDuplexTls.manage(tls))
                .connectionOptions(it -> ConnectionOptions.goneAfter(config.goneAfter()).set(it))
                .featuresDiscoverServices(false)
                .shutdownHook(false)
                .addFeature(Hangup.builder().name(INTERNAL).metrics(false).maxDeadline(DAY).carrierGuard(false).build())
                .routing(HttpRouting.builder()
                        .post("/{route}/{id}", Hangup.cancellable((request, response) -> serve(routes, request, response)))
                        .put("/{route}/{id}", (request, response) -> extend(routes, request, response)))
                .build();
    }

    private void serve(ClusterRoutes routes, ServerRequest request, ServerResponse response) throws InterruptedException {
        Optional<ClusterRoutes.Route> route = route(routes, request);
        if (route.isEmpty()) {
            response.status(Status.NOT_FOUND_404).send();
            return;
        }
        Deadline deadline = RelayWire.deadline(request);
        Answer answer = route.get().answer(id(request), request.content().as(byte[].class), deadline);
        if (answer instanceof Answer.Failure && leaving.get()) {
            // what fails here now, may do so because this server stops
            response.status(Status.SERVICE_UNAVAILABLE_503).send();
            return;
        }
        RelayWire.send(answer, response);
    }

    private static void extend(ClusterRoutes routes, ServerRequest request, ServerResponse response) {
        boolean extended = route(routes, request).filter(it -> it.extend(id(request), RelayWire.deadline(request))).isPresent();
        response.status(extended ? Status.NO_CONTENT_204 : Status.NOT_FOUND_404).send();
    }

    private static Optional<ClusterRoutes.Route> route(ClusterRoutes routes, ServerRequest request) {
        return routes.find(request.path().pathParameters().get("route"));
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }

    private void changed(List<String> view) {
        viewLock.lock();
        try {
            if (leaving.get()) {
                return;
            }
            members = view;
            if (view.size() > 1) {
                problem = Optional.empty();
            }
            abandonment.ifPresent(it -> it.membersChanged(view.size() - 1));
        } finally {
            viewLock.unlock();
        }
        LOGGER.log(System.Logger.Level.INFO, "Members of the cluster " + config.name() + ": " + String.join(", ", view)
                + "; this one is " + self);
        calls.stream().filter(it -> !view.contains(it.member())).forEach(RelayedCall::abort);
    }

    /**
     * Returns whether requests with a key are to be computed here.
     *
     * @param route name of the route
     * @param key   the encoded key
     * @return whether this member owns it, or is alone
     */
    public boolean owns(String route, byte[] key) {
        return Owners.of(route, key, members, Set.of()).filter(it -> !it.equals(self)).isEmpty();
    }

    /**
     * Has the owner of a key answer, or else the next member in its order.
     *
     * @param route    name of the route
     * @param key      the encoded key
     * @param relay    is set to the member that is being called
     * @param deadline returns the latest deadline of the waiting requests
     * @return the answer; empty if the key is to be computed here
     * @throws InterruptedException if no request waits for it any more
     */
    public Optional<Answer> relay(String route, byte[] key, Relay relay, Supplier<Deadline> deadline)
            throws InterruptedException {
        Set<String> failed = new HashSet<>();
        Set<String> suspect = new HashSet<>();
        while (true) {
            Optional<String> owner = Owners.of(route, key, members, failed);
            if (owner.isEmpty() || owner.get().equals(self)) {
                return Optional.empty();
            }
            String member = owner.get();
            Optional<Answer> answer = Optional.empty();
            RelayOutcome outcome = RelayOutcome.LOST;
            RelayedCall call = new RelayedCall(member);
            calls.add(call);
            try {
                if (members.contains(member)) {
                    answer = call(member, route, key, relay, deadline);
                    outcome = answer.map(Answer::outcome).orElse(outcome);
                    failed.add(member);
                }
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "No answer from member " + member, e);
                // once more, if it is there, since its connection may have failed without it
                if (!suspect.add(member)) {
                    failed.add(member);
                }
            } finally {
                calls.remove(call);
                call.end();
            }
            ensureNotCancelled();
            counts.count(outcome);
            if (answer.isPresent()) {
                return answer;
            }
        }
    }

    private void ensureNotCancelled() throws InterruptedException {
        try {
            OffThreadTask.ensureNotCancelled();
        } catch (InterruptedException e) {
            counts.count(RelayOutcome.CANCELLED);
            throw e;
        }
    }

    private Optional<Answer> call(String member, String route, byte[] key, Relay relay, Supplier<Deadline> deadline) {
        String id = self + "-" + Relay.nextId();
        Deadline latest = relay.target(later -> extend(member, route, id, later), deadline);
        return wire.call(member, route, id, key, latest);
    }

    private boolean extend(String member, String route, String id, Deadline later) throws InterruptedException {
        RelayedCall call = new RelayedCall(member);
        calls.add(call);
        boolean extended;
        try {
            extended = members.contains(member) && wire.extend(member, route, id, later);
        } finally {
            calls.remove(call);
            call.end();
        }
        OffThreadTask.ensureNotCancelled();
        return extended;
    }

    /**
     * Returns the members that this one sees.
     *
     * @return the addresses of their internal listeners
     */
    public List<String> members() {
        return members;
    }

    /**
     * Returns what this member knows of the cluster.
     *
     * @return a snapshot
     */
    public ClusterStatus status() {
        return new ClusterStatus(config.name(), self, members, problem, owned(), relayed(), counts.snapshot());
    }

    /**
     * Publishes what this member knows of the cluster.
     *
     * @param metrics the metrics of the server
     */
    public void publish(ServerMetrics metrics) {
        metrics.cluster(() -> members.size(), this::owned, this::relayed, counts.suppliers());
    }

    private int owned() {
        ClusterRoutes known = routes;
        return known == null ? 0 : known.owned();
    }

    private int relayed() {
        ClusterRoutes known = routes;
        return known == null ? 0 : known.relayed();
    }

    /**
     * Leaves the cluster, when the server begins to stop: its keys go to other members, and it relays requests for them, as for
     * any other key, for as long as it serves. Returns at once.
     */
    public void leave() {
        viewLock.lock();
        try {
            if (!leaving.compareAndSet(false, true)) {
                return;
            }
            members = members.stream().filter(it -> !it.equals(self)).toList();
            problem = problem.or(() -> Optional.of("has left"));
            abandonment.ifPresent(it -> it.membersChanged(0));
        } finally {
            viewLock.unlock();
        }
        Membership joined = membership;
        if (joined != null) {
            Thread.ofPlatform().name("hangup-cluster").start(() -> close(joined));
        }
    }

    private void close(Membership joined) {
        Thread sending = sender;
        if (sending != null) {
            sending.interrupt();
        }
        joined.close();
    }

    /** Ends the internal listener, when the server has stopped. */
    public void stop() {
        leave();
        WebServer started = listener;
        if (started != null) {
            started.stop();
        }
    }

    private static String reason(Throwable thrown) {
        if (thrown instanceof NoClassDefFoundError) {
            return "org.jgroups:jgroups is not on the class path";
        }
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return thrown == cause ? String.valueOf(thrown.getMessage()) : thrown.getMessage() + ": " + cause.getMessage();
    }
}
