package dev.hangup.internal.abandonment;

import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import dev.hangup.abandonment.AbandonmentConfig;
import dev.hangup.abandonment.AbandonmentMode;
import dev.hangup.abandonment.ClientKey;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.RequestText;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.http.ServerRequest;

/**
 * Refuses clients that abandon too many requests on a route. {@link AbandonmentConfig} says what is abandoned and who is refused,
 * {@link Replacements} what is a search and what a retry.
 * <p>
 * It is no part of the race: it is asked before a request has one, as a gate, and hears of departures as a listener. What it
 * remembers of a request in between is found by the request's number.
 * <p>
 * It takes memory for {@code max-clients} at most, however many there are, twice: for what they have abandoned, and, for a
 * moment, for what they did last; and for the requests in flight.
 */
public final class AbandonmentLimiter implements OutcomeListener {
    private static final System.Logger LOGGER = System.getLogger("dev.hangup");

    private final AbandonmentMode mode;
    private final int abandoned;
    private final ClientKey client;
    private final AbandonmentWindows windows;
    private final Replacements replacements;
    /** By the numbers of requests, from their admission to their end. */
    private final Map<Long, Visit> visits = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();

    /**
     * Remembers nobody yet.
     *
     * @param config whom to refuse
     */
    public AbandonmentLimiter(AbandonmentConfig config) {
        this.mode = config.mode();
        this.abandoned = config.abandoned();
        this.client = config.client();
        this.windows = new AbandonmentWindows(config.window(), config.maxClients(), System::nanoTime);
        this.replacements = new Replacements(windows, config.maxClients(), System::nanoTime);
    }

    /**
     * Warns of a socket on which nobody can be told apart.
     *
     * @param socket   its name
     * @param listener how it is configured
     */
    public void warnIfAnonymous(String socket, ListenerConfig listener) {
        if (client.equals(ClientKey.address()) && !listener.enableProxyProtocol()
                && listener.bindAddress().filter(UnixDomainSocketAddress.class::isInstance).isPresent()) {
            LOGGER.log(System.Logger.Level.WARNING, "No client will be refused for abandoned requests on socket " + socket
                    + ": clients have no address on a Unix domain socket. Set enable-proxy-protocol, if the proxy before it speaks"
                    + " that, or a ClientKey in code");
        }
    }

    /**
     * A request comes. Its end must be {@linkplain #ended announced}.
     *
     * @param request the request
     * @param route   what its route is known by, the same object for all its requests
     * @param id      its number, as listeners know it
     * @return for how long its client is refused, in whole seconds, rounded up; empty if it is not
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
     * How many requests were refused.
     *
     * @return a number that grows
     */
    public long refused() {
        return refused.sum();
    }

    private Optional<Duration> refusal(AbandonmentWindows.Window window, ServerRequest request) {
        boolean refuses = mode == AbandonmentMode.REFUSE;
        Duration left = Duration.ofSeconds(Math.ceilDiv(windows.left(window), TimeUnit.SECONDS.toNanos(1)));
        if (window.firstTime()) {
            // not the key, which may be a secret
            LOGGER.log(System.Logger.Level.INFO, (refuses ? "refused " : "would be refused ")
                    + RequestText.line(request)
                    + " client=" + (client.equals(ClientKey.address()) ? client.of(request).orElse("") : "keyed")
                    + " abandoned=" + window.count() + " for=" + left.toSeconds() + "s");
        }
        if (!refuses || !left.isPositive()) {
            return Optional.empty();
        }
        refused.increment();
        // neither its quick answer nor its status says anything of how much the server can do
        Exchange.of(request).refuse();
        return Optional.of(left);
    }
}
