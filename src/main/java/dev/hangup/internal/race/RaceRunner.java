package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.OutcomeReporter;
import dev.hangup.internal.response.ErrorResponses;
import dev.hangup.internal.response.ResponseView;

import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/** Where requests come in, to be refused or to have their {@link Race}. */
public final class RaceRunner {
    private RaceRunner() {
    }

    /**
     * Runs the work of a request and returns when it has ended, by itself or because it was stopped. To be called on
     * the thread that Helidon handles the request on.
     * <p>
     * Inside of another race of the same request the work simply joins that one; a shorter deadline shortens it.
     *
     * @param request  the request
     * @param response its response; not to be touched by anyone else meanwhile
     * @param route    what its route says of its own
     * @param work     what to do
     * @throws CloseConnectionException if the connection cannot be used any more
     * @throws Exception                what the work threw, if it ended by itself
     */
    public static void run(ServerRequest request, RoutingResponse response, RoutePolicy route, Work work) throws Exception {
        if (response instanceof ResponseView && Current.context() instanceof Race around) {
            route.deadline().ifPresent(around::shorten);
            work.run(request, response);
            return;
        }
        Exchange exchange = Exchange.of(request);
        ServerPolicy policy = ServerPolicy.of(request, exchange);
        OutcomeReporter reporter = OutcomeReporter.of(policy.listeners(), request, exchange);
        Entry entry;
        try {
            entry = enter(policy, route, exchange, reporter, request, response, work);
        } catch (RuntimeException | Error e) {
            // an application may say what a client is known by
            reporter.thrown(System.nanoTime(), e, response, exchange);
            throw e;
        }
        switch (entry) {
        case Race race -> race.run();
        case Refusal(Status status, Optional<Duration> retryAfter, String detail) -> {
            reporter.refused();
            ErrorResponses.refused(request, response, status, retryAfter, detail);
            reporter.returned(System.nanoTime(), response, exchange);
        }
        }
    }

    private static Entry enter(ServerPolicy policy, RoutePolicy route, Exchange exchange, OutcomeReporter reporter,
                               ServerRequest request, RoutingResponse response, Work work) {
        // a request that was answered before cannot be refused any more
        for (RequestGate gate : reporter.isReported() ? List.<RequestGate>of() : policy.gates()) {
            Optional<Refusal> refusal = gate.refusal(request, route, reporter.id());
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        Duration time;
        try {
            time = policy.time(route, RequestedTime.of(request.headers()));
        } catch (IllegalArgumentException e) {
            return new Refusal(Status.BAD_REQUEST_400, Optional.empty(), e.getMessage());
        }
        return new Race(policy, route, exchange, reporter, time, request, response, work);
    }

    /**
     * Makes sure that races can be run at all, so that a server refuses to start rather than every request.
     *
     * @throws IllegalStateException if this Java is another than Hangup was built with, or is not to use preview APIs
     */
    public static void ensureSupported() {
        try {
            Class.forName("dev.hangup.internal.race.Scope", true, RaceRunner.class.getClassLoader());
        } catch (UnsupportedClassVersionError | ClassNotFoundException e) {
            throw new IllegalStateException("Hangup uses preview APIs: start with --enable-preview, on the Java release that it"
                                                    + " was built with (" + e.getMessage() + ")", e);
        }
    }

    /**
     * Whether work that holds this response has lost its race, so that nothing it does reaches anybody.
     *
     * @param response a response as work, or a filter that is part of it, sees it
     * @return whether it lost
     */
    public static boolean lost(RoutingResponse response) {
        return response instanceof ResponseView view && !view.attached();
    }

    /**
     * For work that is begun on the calling thread for its request, and may go on when that has ended. It counts as work of
     * the same route, and is reported under the name of that request.
     *
     * @return a tracker of its own; empty outside of a race
     */
    public static Optional<WorkTracker> trackerBesideRequest() {
        return Current.context() instanceof Race race ? Optional.of(race.trackerBeside()) : Optional.empty();
    }

    /** What becomes of a request that comes in. */
    sealed interface Entry permits Race, Refusal {
    }
}
