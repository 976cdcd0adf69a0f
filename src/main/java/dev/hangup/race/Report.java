package dev.hangup.race;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.connection.Watch;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;

import io.helidon.http.BadRequestException;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/**
 * Tells the listeners how a request ended: once.
 * <p>
 * Work that ended by itself may have left the answer to others: to the next handler, or, if it threw, to an error
 * handler. Then the outcome is known when that answer is sent, or when the server has done with the request without
 * one; whichever comes first.
 */
final class Report {
    private static final System.Logger LOGGER = System.getLogger(Report.class.getName());

    private final List<OutcomeListener> listeners;
    private final ServerRequest request;
    private final long startedAt;
    private final long decidedAt;
    private final AtomicBoolean told = new AtomicBoolean();

    Report(List<OutcomeListener> listeners, ServerRequest request, long startedAt, long decidedAt) {
        this.listeners = listeners;
        this.request = request;
        this.startedAt = startedAt;
        this.decidedAt = decidedAt;
    }

    /** The work returned. */
    void returned(RoutingResponse response, Watch watch) {
        if (response.isSent()) {
            answered(response);
        } else {
            response.whenSent(() -> answered(response));
            watch.whenOver(() -> unanswered(response));
        }
    }

    /** The work threw. */
    void thrown(Throwable thrown, RoutingResponse response, Watch watch) {
        if (thrown instanceof CloseConnectionException || response.isSent()) {
            unanswered(response);
            return;
        }
        response.whenSent(() -> answered(response));
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
    void stopped(Outcome outcome, RoutingResponse response, long stoppingNanos) {
        tell(outcome, status(response), stoppingNanos);
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
                                        request.matchingPattern().orElseGet(() -> request.prologue().uriPath().rawPath()),
                                        request.remotePeer().host() + ":" + request.remotePeer().port(),
                                        status,
                                        Duration.ofNanos(decidedAt - startedAt),
                                        Duration.ofNanos(Math.max(0, stoppingNanos)));
        for (OutcomeListener listener : listeners) {
            try {
                listener.ended(end);
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.WARNING, "A listener of outcomes failed", e);
            }
        }
    }
}
