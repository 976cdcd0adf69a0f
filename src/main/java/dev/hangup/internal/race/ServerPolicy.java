package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.hangup.HangupConfig;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.connection.StallLimit;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.internal.outcome.OutcomeLog;
import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.outcome.Outcome;

import io.helidon.http.Status;
import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;

/**
 * The policy for the requests of a server. It is a {@link Routing}, so that it can be found through the connection of a request.
 *
 * @param deadline     deadline for routes without one of their own, until their response begins; positive
 * @param maxDeadline  upper bound for every deadline; positive
 * @param stallLimit   the limit on how slowly a client may read a response
 * @param disconnected the status that filters and access logs see when the client has left
 * @param retryAfter   when clients may retry after a deadline or a shutdown; sent in whole seconds
 * @param listeners    notified of the outcome of each request
 * @param unresponsive registry of work that was cancelled and has not ended
 * @param gates        gates that may refuse a request before its race; called in this order
 */
public record ServerPolicy(Duration deadline, Duration maxDeadline, StallLimit stallLimit, Status disconnected,
                           Duration retryAfter, Listeners listeners, UnresponsiveRegistry unresponsive,
                           List<RequestGate> gates) implements Routing {
    /** nginx's convention for a client that has closed its connection. */
    public static final Status CLIENT_CLOSED_REQUEST = Status.create(499, "Client Closed Request");

    /** Copies the gates. */
    public ServerPolicy {
        gates = List.copyOf(gates);
    }

    /** Returns the policy that a configuration describes. */
    public static ServerPolicy of(HangupConfig config, Listeners listeners, UnresponsiveRegistry unresponsive,
                                  List<RequestGate> gates) {
        Status disconnected = config.disconnectedStatus() == CLIENT_CLOSED_REQUEST.code()
                ? CLIENT_CLOSED_REQUEST
                : Status.create(config.disconnectedStatus());
        return new ServerPolicy(config.deadline(), config.maxDeadline(),
                                new StallLimit(config.stallLimit(), config.minRate()), disconnected, config.retryAfter(),
                                listeners, unresponsive, gates);
    }

    /**
     * Returns the policy of the server that handles a request: that of the connection's listener; otherwise the one that Hangup
     * has registered in the server's context; otherwise the defaults, if Hangup is not a feature of the server.
     */
    static ServerPolicy of(ServerRequest request, Exchange exchange) {
        return exchange.routing(ServerPolicy.class)
                .or(() -> request.listenerContext().context().get(ServerPolicy.class))
                .orElseGet(() -> Default.POLICY);
    }

    /** The time that a request may take until its response begins, given the time that its client requests, if any. */
    Duration time(RoutePolicy route, Optional<Duration> asked) {
        Duration allowed = bounded(route.deadline.orElse(deadline));
        return asked.isPresent() ? shorter(allowed, asked.get()) : allowed;
    }

    /** The time left until the response of a request must begin, if its client requests no time of its own. */
    Duration timeLeft(RoutePolicy route, Exchange exchange) {
        return time(route, Optional.empty()).minusNanos(System.nanoTime() - exchange.headersReadAt());
    }

    /** Bounds a time by the server's maximum. */
    Duration bounded(Duration allowed) {
        return shorter(allowed, maxDeadline);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** The status of a cancelled request: the client receives it, or only filters see it if the client has left. */
    Status statusOf(Outcome outcome) {
        return outcome == Outcome.DISCONNECTED ? disconnected : Status.SERVICE_UNAVAILABLE_503;
    }

    /** The form in which Helidon accepts a routing. */
    public record Builder(ServerPolicy policy) implements io.helidon.common.Builder<Builder, ServerPolicy> {
        @Override
        public ServerPolicy build() {
            return policy;
        }
    }

    /** Created when it is first needed, since most servers have a policy of their own. */
    private static final class Default {
        private static final ServerPolicy POLICY = create();

        private static ServerPolicy create() {
            HangupConfig config = HangupConfig.builder().buildPrototype();
            Listeners listeners = new Listeners(List.of(new OutcomeLog()), List.of());
            UnresponsiveRegistry unresponsive = new UnresponsiveRegistry(config.unresponsiveAfter(), config.maxUnresponsive(),
                                                                         listeners);
            return of(config, listeners, unresponsive,
                      List.of(RequestGate.unresponsiveWork(unresponsive, config.retryAfter())));
        }
    }
}
