package dev.hangup.internal.abandonment;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.abandonment.ClientKey;
import dev.hangup.internal.address.ClientAddress;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.RequestText;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
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
 * latest actions for a moment, and an entry for each request in flight.
 */
public final class AbandonmentLimiter implements OutcomeListener {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");

    private final AbandonmentMode mode;
    private final int abandoned;
    private final ClientKey client;
    private final AbandonmentWindows windows;
    private final Replacements replacements;
    /** Requests by their numbers, from admission to end. */
    private final Map<Long, Visit> visits = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();

    /**
     * Creates a limiter that knows no client yet.
     *
     * @param config defines which clients to refuse
     */
    public AbandonmentLimiter(AbandonmentConfig config) {
        this.mode = config.mode();
        this.abandoned = config.abandoned();
        this.client = config.client();
        this.windows = new AbandonmentWindows(config.window(), config.maxClients(), System::nanoTime);
        this.replacements = new Replacements(windows, config.maxClients(), System::nanoTime);
    }

    /**
     * Logs a warning for a socket on which clients cannot be distinguished.
     *
     * @param socket   name of the socket
     * @param listener configuration of the socket
     */
    public void warnIfAnonymous(String socket, ListenerConfig listener) {
        if (client.equals(ClientKey.address()) && !ClientAddress.areKnown(listener)) {
            LOGGER.log(System.Logger.Level.WARNING, "No client will be refused for abandoned requests on socket " + socket
                    + ": clients have no address on a Unix domain socket. Set enable-proxy-protocol, if the proxy before it speaks"
                    + " that, or requested-uri-discovery with \"unix:\" among the trusted proxies, or a ClientKey in code");
        }
    }

    /**
     * Admits or refuses a request. The limiter must be {@linkplain #ended notified} of its end.
     *
     * @param request the request
     * @param route   the identity of its route, the same object for all its requests
     * @param id      number of the request, as reported to listeners
     * @return how long the client is refused, in whole seconds, rounded up; empty if the request is admitted
     */
    public Optional<Duration> refusal(ServerRequest request, Object route, long id) {
        Optional<String> key = client.of(request);
        if (key.isEmpty()) {
            return Optional.empty();
        }
        Visit visit = Visit.of(request, new Visitor(key.get(), route));
        replacements.arrived(visit);
        visits.put(id, visit);
        return windows.find(visit.visitor())
                .filter(it -> it.count() > abandoned)
                .flatMap(it -> refusal(it, request));
    }

    @Override
    public void decided(RequestDecision decision) {
        if (decision.outcome() == Outcome.DISCONNECTED && !decision.responseBegun()) {
            Visit visit = visits.get(decision.request().id());
            if (visit != null) {
                replacements.departed(visit);
            }
        }
    }

    @Override
    public void ended(RequestEnd end) {
        visits.remove(end.id());
    }

    /**
     * Returns the number of refused requests.
     *
     * @return a number that never decreases
     */
    public long refused() {
        return refused.sum();
    }

    private Optional<Duration> refusal(AbandonmentWindows.Window window, ServerRequest request) {
        boolean refuses = mode == AbandonmentMode.REFUSE;
        Duration left = Duration.ofSeconds(Math.ceilDiv(windows.left(window), TimeUnit.SECONDS.toNanos(1)));
        if (window.firstTime()) {
            // not the key, which may be secret
            LOGGER.log(System.Logger.Level.INFO, (refuses ? "refused " : "would be refused ")
                    + RequestText.line(request)
                    + " client=" + (client.equals(ClientKey.address()) ? client.of(request).orElse("") : "keyed")
                    + " abandoned=" + window.count() + " for=" + left.toSeconds() + "s");
        }
        if (!refuses || !left.isPositive()) {
            return Optional.empty();
        }
        refused.increment();
        // neither the short time of a refusal nor its status says anything about the capacity of the server
        Exchange.of(request).refuse();
        return Optional.of(left);
    }
}
