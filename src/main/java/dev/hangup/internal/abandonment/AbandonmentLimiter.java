package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.abandonment.ClientKey;
import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.OwnListener;
import dev.hangup.internal.outcome.RequestText;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.http.ServerRequest;

/**
 * Refuses clients that abandon too many requests on a route. {@link AbandonmentConfig} defines what counts as abandoned and who
 * is refused. {@link Replacements} recognises searches and retries.
 * <p>
 * The limiter is not a part of the race: it is called as a gate before the race, and is notified of departures as a listener. In
 * between, the request's number identifies the request.
 * <p>
 * Memory is bounded by {@code max-clients}, however many clients there are. It holds the abandoned requests of each client, its
 * latest actions for a moment, and an entry for each request in flight. It holds the first two a second time in a {@linkplain
 * SharedAbandonment cluster}.
 */
public final class AbandonmentLimiter implements OwnListener {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");

    private final AbandonmentMode mode;
    private final int abandoned;
    private final ClientKey client;
    private final Replacements replacements;
    /** Present if the server is a member of a cluster. */
    private final Optional<SharedAbandonment> shared;
    /** Requests by their numbers, from admission to end. */
    private final Map<Long, Admitted> admitted = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();

    /** Creates a limiter that knows no clients yet. In a cluster, all members count together. */
    public AbandonmentLimiter(AbandonmentConfig config, boolean clustered) {
        this.mode = config.mode();
        this.abandoned = config.abandoned();
        this.client = config.client();
        this.replacements = new Replacements(config.window(), config.maxClients(), System::nanoTime);
        this.shared = clustered ? Optional.of(new SharedAbandonment(config, System::nanoTime)) : Optional.empty();
    }

    /** Returns the counts that all members of a cluster share; empty if the server is in no cluster. */
    public Optional<SharedAbandonment> shared() {
        return shared;
    }

    /** Logs a warning for a socket on which clients cannot be distinguished. */
    public void warnIfAnonymous(String socket, ListenerConfig listener) {
        if (client.equals(ClientKey.address()) && !ClientAddress.areKnown(listener)) {
            LOGGER.log(System.Logger.Level.WARNING, "No client will be refused for abandoned requests on socket " + socket
                    + ": clients have no address on a Unix domain socket. Set enable-proxy-protocol if the proxy in front of it"
                    + " speaks the PROXY protocol, or requested-uri-discovery with \"unix:\" among the trusted proxies, or a"
                    + " ClientKey in code");
        }
    }

    /**
     * Returns how long a client is refused, in whole seconds, rounded up; empty if its request is admitted. The limiter must be
     * notified of the end of the request, by {@link #ended} or {@link #completed}.
     *
     * @param route the identity of the request's route, the same object for all its requests
     * @param name  returns the name of that route, which is the same on all members of a cluster
     * @param id    number of the request, as reported to listeners
     */
    public Optional<Duration> refusal(ServerRequest request, Object route, Supplier<String> name, long id) {
        Optional<String> key = client.of(request);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        LimitedRequest limited = LimitedRequest.of(request, new ClientRoute(key.get(), route));
        replacements.arrived(limited);
        Optional<LimitedRequest> inCluster = shared.filter(SharedAbandonment::isActive)
                .map(it -> it.arrived(name.get(), key.get(), limited.target()));
        admitted.put(id, new Admitted(limited, inCluster));
        AbandonmentWindows windows = replacements.windows();
        return windows.find(limited.clientRoute())
                .filter(it -> it.count() > abandoned)
                .map(it -> refusal(it, windows.left(it), "", request))
                .orElseGet(() -> inCluster.flatMap(it -> refusalInCluster(it.clientRoute(), request)));
    }

    private Optional<Duration> refusalInCluster(ClientRoute clientRoute, ServerRequest request) {
        AbandonmentWindows together = shared.orElseThrow().windows();
        return together.find(clientRoute)
                .filter(it -> it.count() > abandoned)
                .flatMap(it -> refusal(it, together.left(it), " scope=cluster", request));
    }

    @Override
    public void decided(RequestDecision decision) {
        if (decision.outcome() == Outcome.DISCONNECTED && !decision.responseBegun()) {
            Admitted request = admitted.get(decision.request().id());
            if (request != null) {
                replacements.departed(request.limited);
                request.inCluster.ifPresent(it -> shared.orElseThrow().departed(it));
            }
        }
    }

    @Override
    public void completed(long id, String route, boolean matched, long nanos) {
        admitted.remove(id);
    }

    @Override
    public void ended(RequestEnd end) {
        admitted.remove(end.id());
    }

    /** The number of refused requests, which never decreases. */
    public long refused() {
        return refused.sum();
    }

    private Optional<Duration> refusal(AbandonmentWindows.Window window, long nanosLeft, String scope, ServerRequest request) {
        boolean refuses = mode == AbandonmentMode.REFUSE;
        Duration left = Duration.ofSeconds(Math.ceilDiv(nanosLeft, TimeUnit.SECONDS.toNanos(1)));
        if (window.firstTime()) {
            // not the key, which may be secret
            LOGGER.log(System.Logger.Level.INFO, (refuses ? "refused " : "would be refused ")
                    + RequestText.line(request)
                    + " client=" + (client.equals(ClientKey.address()) ? client.of(request).orElse("") : "keyed")
                    + " abandoned=" + window.count() + scope + " for=" + left.toSeconds() + "s");
        }
        if (!refuses || !left.isPositive()) {
            return Optional.empty();
        }
        refused.increment();
        // neither the short time of a refusal nor its status says anything about the capacity of the server
        Exchange.of(request).ignorePermit();
        return Optional.of(left);
    }

    /** A request that was admitted, as this server counts it, and as all members of the cluster do if there are others. */
    private record Admitted(LimitedRequest limited, Optional<LimitedRequest> inCluster) {
    }
}
