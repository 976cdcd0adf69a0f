package dev.hangup.internal.race;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.outcome.OutcomeReporter;
import dev.hangup.internal.response.ErrorResponses;
import dev.hangup.internal.response.ResponseView;
import dev.hangup.internal.time.CoarseTimeout;
import dev.hangup.internal.time.Timer;

import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/** The entry point for requests: refuses a request or runs its {@link Race}. */
public final class RaceRunner {
    private RaceRunner() {
    }

    /**
     * Runs the work of a request and returns when the work has ended, by itself or because it was cancelled. To be called on the
     * thread on which Helidon handles the request. Throws what the work throws, if it ended by itself.
     * <p>
     * Inside another race of the same request the work joins that race; a shorter deadline shortens that of the race.
     *
     * @param response must not be used by other code meanwhile
     * @param work     a handler, or the rest of the routing. Runs on a thread that is interrupted on cancellation, and receives a
     *                 {@link RoutingResponse}: a view of the response, detached when the work has lost
     * @throws CloseConnectionException if the connection can no longer be used
     */
    public static void run(ServerRequest request, RoutingResponse response, RoutePolicy route, Handler work) throws Exception {
        run(request, response, route, work, thrown -> {
            throw thrown;
        });
    }

    /**
     * As above, with an action for requests that have no race because a {@link RequestGate} has thrown. To be used outside of
     * Helidon's error handling, which no exception of application code must bypass.
     *
     * @param gateThrew called on the calling thread with what the gate has thrown
     */
    public static void run(ServerRequest request, RoutingResponse response, RoutePolicy route, Handler work,
                           GateFailure gateThrew) throws Exception {
        if (response instanceof ResponseView && Current.context() instanceof Race around) {
            route.deadline.ifPresent(around::shorten);
            work.handle(request, response);
            return;
        }
        Exchange exchange = Exchange.of(request);
        ServerPolicy policy = ServerPolicy.of(request, exchange);
        OutcomeReporter reporter = OutcomeReporter.of(policy.listeners(), request, exchange);
        Entry entry;
        try {
            entry = enter(policy, route, exchange, reporter, request, response, work);
        } catch (RuntimeException e) {
            // application code may choose the client's key, and may throw
            reporter.thrown(System.nanoTime(), e, response);
            exchange.limitRest(() -> policy.timeLeft(route, exchange));
            gateThrew.handle(e);
            return;
        } catch (Error e) {
            reporter.thrown(System.nanoTime(), e, response);
            exchange.limitRest(() -> policy.timeLeft(route, exchange));
            throw e;
        }
        switch (entry) {
        case Race race -> race.run();
        case Refusal(Status status, Optional<Duration> retryAfter, String detail) -> {
            reporter.refused();
            exchange.limitRest(() -> policy.timeLeft(route, exchange));
            try {
                ErrorResponses.refused(request, response, status, retryAfter, detail);
                reporter.returned(System.nanoTime(), response);
            } catch (RuntimeException | Error e) {
                // the client has gone, or a filter has failed
                reporter.thrown(System.nanoTime(), e, response);
                throw e;
            }
        }
        }
    }

    private static Entry enter(ServerPolicy policy, RoutePolicy route, Exchange exchange, OutcomeReporter reporter,
                               ServerRequest request, RoutingResponse response, Handler work) {
        // a request that already has a response cannot be refused
        for (RequestGate gate : reporter.isReported() ? List.<RequestGate>of() : policy.gates()) {
            Optional<Refusal> refusal = gate.refusal(request, route, reporter::id);
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        Optional<Duration> asked;
        try {
            asked = RequestedTime.of(request.headers());
        } catch (IllegalArgumentException e) {
            return new Refusal(Status.BAD_REQUEST_400, Optional.empty(), e.getMessage());
        }
        return new Race(policy, route, exchange, reporter, asked, request, response, work);
    }

    /**
     * Ensures that races can run in this JVM, so that the server fails at startup rather than at every request. Starts the thread
     * that all of them need.
     *
     * @throws IllegalStateException if this jar is for another JDK release, or preview APIs are not enabled; the message says
     *                               what to do
     */
    public static void ensureSupported() {
        TaskScopes.load();
        CoarseTimeout.ensureStarted();
        Timer.ensureStarted();
    }

    /**
     * Returns whether the work that holds this response has lost its race. Nothing that such work writes reaches the client.
     *
     * @param response the response as seen by the work, or by a filter that is part of it
     */
    public static boolean lost(RoutingResponse response) {
        return response instanceof ResponseView view && !view.attached();
    }

    /**
     * Ensures that the response is complete, or will be. To be called by a filter that is part of the work, in place of an
     * exception of work that has lost: filters inside and outside of a race see the same.
     *
     * @param response the response as seen by the work
     * @throws CloseConnectionException if the work has lost amid its response
     */
    public static void ensureNotAborted(RoutingResponse response) {
        if (response instanceof ResponseView view && view.aborted()) {
            throw new CloseConnectionException("The request is over");
        }
    }

    /** Reports what the cancelled work of the calling thread has thrown, as {@link WorkContext#threw}. */
    public static void threw(Throwable thrown) {
        WorkContext context = Current.context();
        if (context != null) {
            context.threw(thrown);
        }
    }

    /** Handles the exception of a gate, in place of the work. */
    @FunctionalInterface
    public interface GateFailure {
        /** Responds to the request, or throws. */
        void handle(RuntimeException thrown) throws Exception;
    }

    /** The result of admission: a race or a refusal. */
    sealed interface Entry permits Race, Refusal {
    }
}
