package dev.hangup.internal.cluster;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Function;
import java.util.function.Supplier;

import javax.net.ssl.SSLParameters;

import dev.hangup.Deadline;
import dev.hangup.cluster.ClusterConfig;
import dev.hangup.cluster.ClusterStatus;
import dev.hangup.internal.abandonment.SharedAbandonment;
import dev.hangup.internal.metrics.ServerMeters;
import dev.hangup.internal.text.SafeLog;

import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsConfig;
import io.helidon.config.ConfigException;
import io.helidon.webserver.spi.ServerFeature;

/**
 * A member of a cluster. This class decides when it joins and leaves; its view of the members, its internal listener and its calls
 * to the others have types of their own.
 * <p>
 * Joining takes a second or more if there is nobody to join, so it happens on a thread of its own. Before that, and if joining
 * fails, the view has no other members, so every request is computed here. A member that fails to join, or whose server has
 * stopped meanwhile, keeps nothing open: the joining thread itself ends what it has begun, which {@link #leave} and {@link #stop}
 * may not have seen yet. Any exception or error is such a failure, also that of the start of a thread: the server serves on.
 */
public final class Cluster {
    private static final System.Logger LOGGER = System.getLogger(Cluster.class.getName());
    private static final SafeLog FAILURES = new SafeLog(Cluster.class);
    private static final String KEY = "server.features.hangup.cluster";

    private final ClusterConfig config;
    private final Tls tls;
    private final Optional<SharedAbandonment> abandonment;
    private final Function<Runnable, ServerFeature> internal;
    private final ThreadFactory threads;
    private final OwnerCalls calls;
    private final View view = new View();
    /** Written by the joining thread, as are {@link #membership} and {@link #sender}. */
    private volatile InternalListener listener;
    private volatile Membership membership;
    private volatile Thread sender;
    /** Written by the thread that starts the server; {@code null} before. */
    private volatile ClusterRoutes routes;

    private Cluster(ClusterConfig config, Tls tls, Optional<SharedAbandonment> abandonment,
                    Function<Runnable, ServerFeature> internal, ThreadFactory threads) {
        this.config = config;
        this.tls = tls;
        this.abandonment = abandonment;
        this.internal = internal;
        this.threads = threads;
        this.calls = new OwnerCalls(new RelayWire(tls, config.goneAfter()), view);
    }

    /**
     * Returns a member that has not joined.
     *
     * @param abandonment what the members count together; empty if clients may abandon requests
     * @param internal    creates the feature of the internal listener; its argument is run if that listener ends by itself
     * @throws ConfigException if a setting is missing; the message names it
     */
    public static Cluster create(ClusterConfig config, Optional<SharedAbandonment> abandonment,
                                 Function<Runnable, ServerFeature> internal) {
        return create(config, abandonment, internal, Thread.ofPlatform().name("hangup-cluster").factory());
    }

    /** @param threads makes the threads that join, send and leave */
    static Cluster create(ClusterConfig config, Optional<SharedAbandonment> abandonment,
                          Function<Runnable, ServerFeature> internal, ThreadFactory threads) {
        Tls tls = config.tls().filter(Tls::enabled).orElseThrow(() -> new ConfigException(KEY + ".tls must be set, with a private"
                + " key and trust: members authenticate each other by their certificates"));
        TlsConfig prototype = tls.prototype();
        if (prototype.trustAll() || prototype.sslContext().isEmpty() && prototype.trust().isEmpty()) {
            throw new ConfigException(KEY + ".tls.trust must be set: a process with a trusted certificate is a member");
        }
        try {
            return new Cluster(config, TlsConfig.builder(prototype).sslParameters(mutual(tls.sslParameters())).build(),
                               abandonment, internal, threads);
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

    /** Begins to join, when the server has started and its routes are known. */
    public void join(ClusterRoutes routes) {
        this.routes = routes;
        routes.joinedBy(this);
        try {
            Thread joining = threads.newThread(() -> {
                try {
                    joinNow(routes);
                } catch (Throwable e) {
                    joinFailed(e);
                }
            });
            joining.setDaemon(true);
            joining.start();
        } catch (Error e) {
            // no native thread
            joinFailed(e);
        }
    }

    private void joinFailed(Throwable thrown) {
        String reason = reason(thrown);
        view.setProblem("cannot join: " + reason);
        FAILURES.warning("This server cannot join the cluster " + config.name() + " and computes all keys itself: " + reason,
                        null);
        FAILURES.log(System.Logger.Level.DEBUG, "The reason:", thrown);
        leave();
        revertJoin();
    }

    private void joinNow(ClusterRoutes routes) throws Exception {
        listener = InternalListener.start(config, tls, internal.apply(this::lostListener), routes, view::hasLeft);
        String self = listener.address();
        view.setSelf(self);
        LOGGER.log(System.Logger.Level.INFO, "Cluster " + config.name() + ": this member listens for others at "
                + MemberAddresses.text(config.host(), config.port()) + ", and for relayed requests at " + self);
        Membership joining = new JGroupsMembership(config, tls, self);
        membership = joining;
        joining.join(this::changed, message -> abandonment.ifPresent(it -> it.received(message)));
        abandonment.ifPresent(it -> sender = BatchSender.start(threads, joining, it));
        if (view.hasLeft()) {
            revertJoin();
        } else {
            warnIfAlone();
        }
    }

    /**
     * Reverts the steps of the joining thread. Called by that thread; other threads may call leave() or stop() at the same time.
     */
    private void revertJoin() {
        Membership joined = membership;
        if (joined != null) {
            close(joined);
        }
        stopListener();
    }

    /** Waits for {@code gone-after} first: members that start together find each other within that time. */
    private void warnIfAlone() throws InterruptedException {
        MemberAddresses addresses = new MemberAddresses(config);
        boolean lookedFor = config.dns().isPresent() || !addresses.others().isEmpty();
        if (view.members().size() == 1 && lookedFor) {
            Thread.sleep(config.goneAfter());
            if (isAlone()) {
                String reasons = new PeerProbe(tls).reasons(addresses.others());
                if (isAlone()) {
                    LOGGER.log(System.Logger.Level.WARNING, "This server has found no other member of the cluster " + config.name()
                            + " and computes all keys itself until one joins: " + reasons);
                    view.setProblem("has found no other member: " + reasons);
                }
            }
        }
    }

    /** A member that has left does not count as alone: its server may have stopped meanwhile. */
    private boolean isAlone() {
        return !view.hasLeft() && view.members().size() == 1;
    }

    private void changed(List<String> members) {
        if (view.change(members, () -> abandonment.ifPresent(it -> it.membersChanged(members.size() - 1)))) {
            LOGGER.log(System.Logger.Level.INFO, "Members of the cluster " + config.name() + ": " + String.join(", ", members)
                    + "; this one is " + view.self());
            calls.abortLost();
        }
    }

    /** Whether requests with an encoded key are to be computed here, since this member owns it or is alone. */
    public boolean owns(String route, byte[] key) {
        return Owners.of(route, key, view.members(), Set.of()).filter(it -> !it.equals(view.self())).isEmpty();
    }

    /**
     * Requests the result of an encoded key from its owner, or else from the next member in the key's order; returns empty if the
     * key is to be computed here.
     *
     * @param relay    is set to the member that is being called
     * @param deadline returns the latest deadline of the waiting requests
     * @throws InterruptedException if no request waits for it any more
     */
    public Optional<RelayResponse> relay(String route, byte[] key, Relay relay, Supplier<Deadline> deadline)
            throws InterruptedException {
        return calls.relay(route, key, relay, deadline);
    }

    /** Returns the state of the cluster as this member knows it now. */
    public ClusterStatus status() {
        return new ClusterStatus(config.name(), view.self(), view.members(), view.problem(), owned(), relayed(),
                                 calls.counts.snapshot());
    }

    /** Publishes what this member knows of the cluster. */
    public void publish(ServerMeters metrics) {
        metrics.cluster(() -> view.members().size(), this::owned, this::relayed, calls.counts.suppliers());
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
     * any other key, for as long as it serves. Returns at once, but takes the time of the farewell if no thread can be started for
     * it. Throws nothing, so that the server stops in any case.
     */
    public void leave() {
        leave("has left");
    }

    /** Called when the internal listener has ended by itself: other members can no longer reach this one as an owner. */
    private void lostListener() {
        leave("has left, since its listener at http-port has ended");
    }

    private void leave(String reason) {
        Membership joined = view.leave(reason, () -> abandonment.ifPresent(it -> it.membersChanged(0))) ? membership : null;
        if (joined != null) {
            try {
                threads.newThread(() -> close(joined)).start();
            } catch (Error e) {
                // no native thread: it is left here, since there is no other call that would
                close(joined);
            }
        }
    }

    /** Whether this member has left, or could not join. */
    public boolean hasLeft() {
        return view.hasLeft();
    }

    private void close(Membership joined) {
        Thread sending = sender;
        if (sending != null) {
            sending.interrupt();
        }
        try {
            joined.close();
        } catch (RuntimeException | Error e) {
            FAILURES.warning("The cluster " + config.name() + " was not left properly", e);
        }
    }

    /** Ends the internal listener, when the server has stopped. */
    public void stop() {
        // Helidon 4.5.0 does not stop a server on an interrupted thread (LoomServer.stop). A service of the application may have
        // interrupted this one
        boolean interrupted = Thread.interrupted();
        try {
            leave();
            stopListener();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void stopListener() {
        InternalListener started = listener;
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
