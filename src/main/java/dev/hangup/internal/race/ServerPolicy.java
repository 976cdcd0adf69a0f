package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

import dev.hangup.internal.abandonment.AbandonmentLimiter;
import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.Listeners;
import dev.hangup.internal.outcome.OutcomeLog;
import dev.hangup.internal.outcome.UnresponsiveRegistry;
import dev.hangup.outcome.Outcome;

import io.helidon.http.Status;
import io.helidon.webserver.Routing;
import io.helidon.webserver.http.ServerRequest;

/**
 * On which terms the requests of a server run. A {@link Routing}, so that a request's connection leads to it.
 *
 * @param deadline           what a route is allowed that says nothing of its own; positive
 * @param maxDeadline        what no route and no client gets more than; positive
 * @param disconnected       the status that filters and access logs see when the client has left
 * @param retryAfter         what clients are told that were stopped by a deadline or a shutdown; whole seconds are sent
 * @param listeners          told what becomes of each request
 * @param unresponsive       what is known of work that does not stop
 * @param abandonmentLimiter refuses clients that abandon too much
 */
public record ServerPolicy(Duration deadline, Duration maxDeadline, Status disconnected, Duration retryAfter,
                           Listeners listeners, UnresponsiveRegistry unresponsive,
                           AbandonmentLimiter abandonmentLimiter) implements Routing {
    /** nginx's convention for a client that has closed its connection. */
    public static final Status CLIENT_CLOSED_REQUEST = Status.create(499, "Client Closed Request");

    private static final ServerPolicy DEFAULT = defaults(new Listeners(List.of(new OutcomeLog()), List.of()));

    /** All components are required. */
    public ServerPolicy {
        Objects.requireNonNull(deadline);
        Objects.requireNonNull(maxDeadline);
        Objects.requireNonNull(disconnected);
        Objects.requireNonNull(retryAfter);
        Objects.requireNonNull(listeners);
        Objects.requireNonNull(unresponsive);
        Objects.requireNonNull(abandonmentLimiter);
    }

    private static ServerPolicy defaults(Listeners listeners) {
        return new ServerPolicy(Duration.ofSeconds(30), Duration.ofHours(1), CLIENT_CLOSED_REQUEST, Duration.ofSeconds(1),
                                listeners, new UnresponsiveRegistry(Duration.ofSeconds(1), 16, listeners),
                                AbandonmentLimiter.off());
    }

    /**
     * The terms of the server that handles a request: those of the connection's listener, else those that Hangup has
     * left in the server's context, else the defaults (where Hangup is no feature of the server).
     */
    static ServerPolicy of(ServerRequest request, Exchange exchange) {
        return exchange.routing(ServerPolicy.class)
                .or(() -> request.listenerContext().context().get(ServerPolicy.class))
                .orElse(DEFAULT);
    }

    /** How long a request may take whose client asks for so long, if it asks. */
    Duration time(RoutePolicy route, Optional<Duration> asked) {
        Duration allowed = bounded(route.deadline().orElse(deadline));
        return asked.isPresent() ? shorter(allowed, asked.get()) : allowed;
    }

    /** No more than the server's maximum. */
    Duration bounded(Duration allowed) {
        return shorter(allowed, maxDeadline);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /** The status of a request that was stopped: what its client gets, or what filters see where none is left. */
    Status statusOf(Outcome outcome) {
        return outcome == Outcome.DISCONNECTED ? disconnected : Status.SERVICE_UNAVAILABLE_503;
    }

    /**
     * What Helidon wants a routing to be handed over in.
     *
     * @param policy what is handed over
     */
    public record Builder(ServerPolicy policy) implements io.helidon.common.Builder<Builder, ServerPolicy> {
        @Override
        public ServerPolicy build() {
            return policy;
        }
    }
}
