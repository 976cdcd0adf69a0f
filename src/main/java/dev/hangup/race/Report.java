package dev.hangup.race;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

import dev.hangup.connection.Watch;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

import io.helidon.http.BadRequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/**
 * Tells the listeners how a request ended: once, however many races it has.
 * <p>
 * Work that ended by itself may have left the answer to others: to the next handler, or, if it threw, to an error
 * handler. Then the outcome is known when that answer is sent, or when the server has done with the request without
 * one, whichever comes first; unless the next handler runs in a race too, which then has the say.
 */
final class Report {
    private static final System.Logger LOGGER = System.getLogger(Report.class.getName());

    private final List<OutcomeListener> listeners;
    private final ServerRequest request;
    private final long startedAt;
    private final AtomicBoolean told = new AtomicBoolean();
    /** A race is on: who sends what meanwhile is not the end. Written by the thread that runs the races, as the rest. */
    private boolean racing;
    private boolean awaitsAnswer;
    private long decidedAt;

    private Report(Terms terms, ServerRequest request, Watch watch) {
        this.listeners = terms.listeners();
        this.request = request;
        this.startedAt = watch.headersReadAt();
    }

    /** The report of a request; the same one for all its races. */
    static Report of(Terms terms, ServerRequest request, Watch watch) {
        return watch.shared(Report.class, () -> new Report(terms, request, watch));
    }

    /** A race begins. It will say how the request ends, whatever was expected before. */
    void raceBegins() {
        racing = true;
    }

    /** The work returned. */
    void returned(long decidedAt, RoutingResponse response, Watch watch) {
        raceEnded(decidedAt);
        if (response.isSent()) {
            answered(response);
        } else {
            awaitAnswer(response);
            watch.whenOver(() -> unanswered(response));
        }
    }

    /** The work threw. */
    void thrown(long decidedAt, Throwable thrown, RoutingResponse response, Watch watch) {
        raceEnded(decidedAt);
        if (thrown instanceof CloseConnectionException || response.isSent()) {
            unanswered(response);
            return;
        }
        awaitAnswer(response);
        // no error handler: Helidon's connection answers this one by itself, past the response
        Runnable fallback = thrown instanceof BadRequestException bad
                ? () -> tell(Outcome.COMPLETED, bad.status().code(), 0)
                : () -> unanswered(response);
        boolean unanswerable = response.hasEntity() || thrown instanceof BadRequestException;
        if (!watch.whenOver(fallback) && unanswerable) {
            fallback.run();
        }
    }

    /** The work was stopped. */
    void stopped(long decidedAt, Outcome outcome, RoutingResponse response, long stoppingNanos) {
        raceEnded(decidedAt);
        tell(outcome, status(response), stoppingNanos);
    }

    private void raceEnded(long decidedAt) {
        this.decidedAt = decidedAt;
        racing = false;
    }

    private void awaitAnswer(RoutingResponse response) {
        if (!awaitsAnswer) {
            awaitsAnswer = true;
            response.whenSent(() -> {
                if (!racing) {
                    answered(response);
                }
            });
        }
    }

    private void answered(RoutingResponse response) {
        int status = response.status().code();
        tell(status >= 500 ? Outcome.FAILED : Outcome.COMPLETED, status, 0);
    }

    private void unanswered(RoutingResponse response) {
        tell(Outcome.FAILED, status(response), 0);
    }

    private static int status(RoutingResponse response) {
        return response.hasEntity() ? response.status().code() : 0;
    }

    private void tell(Outcome outcome, int status, long stoppingNanos) {
        // settles the race between the answer and the end of the request, which knows of no answer
        if (!told.compareAndSet(false, true)) {
            return;
        }
        RequestEnd end = new RequestEnd(outcome,
                                        request.prologue().method().text(),
                                        route(request),
                                        Watch.peer(request),
                                        status,
                                        Duration.ofNanos(decidedAt - startedAt),
                                        Duration.ofNanos(Math.max(0, stoppingNanos)));
        tell(listeners, listener -> listener.ended(end));
    }

    /** The pattern of the route that matched, or the path while there is none. */
    static String route(ServerRequest request) {
        return request.matchingPattern().orElseGet(() -> request.prologue().uriPath().rawPath());
    }

    /** Tells all of them, whatever one of them throws. */
    static void tell(List<OutcomeListener> listeners, Consumer<OutcomeListener> told) {
        for (OutcomeListener listener : listeners) {
            try {
                told.accept(listener);
            } catch (RuntimeException | Error e) {
                LOGGER.log(System.Logger.Level.WARNING, "A listener of outcomes failed", e);
            }
        }
    }
}
