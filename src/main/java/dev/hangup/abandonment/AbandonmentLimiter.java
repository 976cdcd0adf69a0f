package dev.hangup.abandonment;

import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.RequestText;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;

import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.http.ServerRequest;

/**
 * Refuses clients that abandon too many requests on a route: until the window has passed in which they did, they get 429
 * with {@code Retry-After}, before any work begins for them. Off by default.
 *
 * <h2>What is abandoned</h2>
 * A request is abandoned if its outcome is {@link Outcome#DISCONNECTED}: while its work went on, its client left, or reset its
 * HTTP/2 stream. It counts at once, whenever the work ends. Three kinds of requests are not abandoned:
 * <ul>
 * <li>A request whose response had {@linkplain RequestDecision#responseBegun() begun} to be written. The client of a stream
 *     leaves when it has seen enough, and an {@code EventSource} connects again. (Of a stream of events nothing is written until
 *     its first event or comment.)</li>
 * <li>A request that its client replaces at once, as a page does that searches at each key: another request of the same client
 *     to the same route, with another target (path and query), comes at most a second before or after the departure. Each
 *     request replaces one other at most, and only the latest request or departure is considered. So of requests that are
 *     abandoned together all but one count.</li>
 * <li>A request that waits for a concurrency permit. It has cost nothing.</li>
 * </ul>
 * A client that gives up and sends the same request again has abandoned the first: that is a retry, and storms of retries are
 * what this is for. A page that gives up several requests and sends them all again retries, too: a request whose target is
 * among the last eight that its client has left within a second replaces none. A client that asks for something else each
 * time, one request after the other, is not refused; of its requests hardly more than one runs at a time.
 *
 * <h2>Who a client is</h2>
 * By default it is known by its address: where the connection comes from, or, on a socket with the PROXY protocol, what that
 * says. If that is a proxy which the socket's {@code requested-uri-discovery} trusts, it is the nearest address that is not,
 * in the header that the discovery goes by: {@code Forwarded}, or {@code X-Forwarded-For}. What lies beyond that anyone may
 * have written, and it is never looked at; nor is the header where nobody is trusted. A proxy that does not say who it speaks
 * for, or says so with something else than an address, is a client itself.
 * <p>
 * Of an IPv6 address the first 64 bits count: whoever has one address of such a network has all of them. Clients that share
 * an address, behind one NAT, are one client; a {@link ClientKey} may know better. Peers on a Unix domain socket have no
 * address, and none that Helidon could trust: without the PROXY protocol or a {@link ClientKey} nobody is refused there, and a
 * warning says so when the server starts.
 *
 * <h2>What becomes of a refused request</h2>
 * Its outcome is {@link Outcome#REFUSED}: it is neither abandoned nor useful work. The log has one line for each window.
 *
 * <h2>What it costs</h2>
 * Memory for {@code max-clients} at most, however many there are, twice: for what they have abandoned, and, for a second, for
 * what they did last.
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
        this(config, System::nanoTime);
    }

    AbandonmentLimiter(AbandonmentConfig config, LongSupplier nanos) {
        this.mode = config.mode();
        this.abandoned = config.abandoned();
        this.client = config.client();
        this.windows = new AbandonmentWindows(config.window(), config.maxClients(), nanos);
        this.replacements = new Replacements(windows, config.maxClients(), nanos);
    }

    /**
     * Warns of a socket on which nobody can be told apart.
     *
     * @param socket   its name
     * @param listener how it is configured
     */
    public void warnIfAnonymous(String socket, ListenerConfig listener) {
        if (client == AddressKey.INSTANCE && !listener.enableProxyProtocol()
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
                    + " client=" + (client == AddressKey.INSTANCE ? client.of(request).orElse("") : "keyed")
                    + " abandoned=" + window.count() + " for=" + left.toSeconds() + "s");
        }
        if (!refuses || left.isZero()) {
            return Optional.empty();
        }
        refused.increment();
        // neither its quick answer nor its status says anything of how much the server can do
        Exchange.of(request).refuse();
        return Optional.of(left);
    }
}
