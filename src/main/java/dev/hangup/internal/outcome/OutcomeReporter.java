package dev.hangup.internal.outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.Consumer;

import dev.hangup.internal.connection.Exchange;
import dev.hangup.internal.text.Printable;
import dev.hangup.internal.time.WallClock;
import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;
import dev.hangup.outcome.WorkFailure;

import io.helidon.common.context.Context;
import io.helidon.common.context.Contexts;
import io.helidon.http.BadRequestException;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;

/**
 * Notifies the listeners of the outcome of a request, once, however many races the request has.
 * <p>
 * Work that ended by itself may have left the response to other code: to the next handler, or, if it threw, to an error handler.
 * The outcome is then known when that response is sent, or when the server has finished the request without a response, whichever
 * comes first. If the next handler runs in a race too, that race determines the outcome.
 * <p>
 * Where the end of the request cannot be detected, a response that cannot be written would leave the request without an outcome. So
 * the outcome is known there when the server begins to send the response; without a response, some time after the last race.
 */
public final class OutcomeReporter {
    private static final AtomicLong IDS = new AtomicLong();
    private static final AtomicLongFieldUpdater<OutcomeReporter> ID =
            AtomicLongFieldUpdater.newUpdater(OutcomeReporter.class, "id");

    /**
     * The number of the request; zero as long as nothing has asked for it. Most requests need none, and so do not share a counter.
     * The CAS settles the race of two threads that are the first to ask.
     */
    private volatile long id;
    private final Listeners listeners;
    private final ServerRequest request;
    private final Exchange exchange;
    /**
     * The context that was current before the work; the request's own under {@code paths}, where none is current, since Helidon's
     * context feature is a part of the work. Helidon 4.5.0 creates the request's own on demand, without synchronization ({@code
     * Http1ServerRequest.context}), so it must exist before the work runs. Empty if the application has no listeners.
     */
    private final Optional<Context> context;
    /**
     * A race is running: a response sent meanwhile is not the end. Written by the thread that runs the races, as the fields
     * below.
     */
    private boolean racing;
    private boolean awaitsResponse;
    private boolean refused;
    private long decidedAt;
    /** Events published so far. For most requests all events are published at once. */
    private RequestStart started;
    private RequestDecision decided;
    /** The work of the last race; {@code null} if none has begun. Read by any thread once the request is in flight. */
    private volatile InFlightRequests.Work work;
    /**
     * The exceptions that the work itself has thrown since it was cancelled, and that were not published; {@code null} if none.
     * Guarded by this object's monitor, as are the fields below.
     */
    private List<Throwable> thrown;
    /** The outcome under which the end is published, once it cannot fail any more; {@code null} before. */
    private volatile Outcome endedAs;
    /** Whether the end was published. Each exception is published on its own from then on. */
    private boolean ended;

    private OutcomeReporter(Listeners listeners, ServerRequest request, Exchange exchange) {
        this.listeners = listeners;
        this.request = request;
        this.exchange = exchange;
        this.context = listeners.onlyOwn() ? Optional.empty() : Contexts.context().or(() -> contextUnderPaths(request));
    }

    private static Optional<Context> contextUnderPaths(ServerRequest request) {
        // which is routed later; elsewhere the context feature would have created one, which costs 1 KB
        return request.matchingPattern().isEmpty() ? Optional.of(request.context()) : Optional.empty();
    }

    /** The reporter of a request; the same one for all its races. */
    public static OutcomeReporter of(Listeners listeners, ServerRequest request, Exchange exchange) {
        return exchange.attachment(OutcomeReporter.class, () -> new OutcomeReporter(listeners, request, exchange));
    }

    /** Whether the end of the request was published; nothing changes its outcome after that. */
    public boolean isReported() {
        return endedAs != null;
    }

    /** Called when a race begins. That race determines the outcome of the request, whatever was expected before. */
    public void raceBegins(InFlightRequests.Work work) {
        this.work = work;
        racing = true;
        refused = false;
    }

    /** The request's number. */
    public long id() {
        if (id == 0) {
            ID.compareAndSet(this, 0, IDS.incrementAndGet());
        }
        return id;
    }

    /** The request as it is now. To be called once the start was published, on any thread. */
    InFlightRequest snapshot() {
        return new InFlightRequest(started, elapsed(System.nanoTime()), work.remaining(), work.cancelled());
    }

    /** Cancels the work, as {@link InFlightRequests.Work#cancel}. */
    boolean cancel() {
        return work.cancel();
    }

    /** Called when the work has outlasted the watch delay. */
    public void started() {
        RequestStart start;
        synchronized (this) {
            // settles the race with the action that publishes the end where the end cannot be detected
            if (started != null || endedAs != null) {
                return;
            }
            start = start();
            started = start;
            listeners.inFlight().add(this);
        }
        listeners.publish(listener -> listener.started(start));
    }

    /** Called when the work is cancelled, with the thread that it is on; {@code null} if it has not begun. */
    public void decided(long decidedAt, Outcome outcome, boolean responseBegun, Thread thread) {
        started();
        if (isReported()) {
            return;
        }
        decided = decision(started, decidedAt, outcome, thread == null ? "" : Printable.thread(thread), responseBegun);
        RequestDecision decision = decided;
        listeners.publish(listener -> listener.decided(decision));
    }

    /** Called when the work has returned. */
    public void returned(long decidedAt, RoutingResponse response) {
        raceEnded(decidedAt);
        if (response.isSent()) {
            responded(response);
        } else {
            awaitResponse(response, () -> endedWithoutResponse(response));
        }
    }

    /**
     * Called when the request is refused before its race. To be followed by the response, then by {@link #returned}, or by {@link
     * #thrown} if the response could not be sent.
     */
    public void refused() {
        refused = true;
    }

    /** Called when the work has thrown. */
    public void thrown(long decidedAt, Throwable thrown, RoutingResponse response) {
        raceEnded(decidedAt);
        if (thrown instanceof CloseConnectionException || response.isSent()) {
            endedWithoutResponse(response);
            return;
        }
        Runnable fallback = () -> {
            if (thrown instanceof BadRequestException bad && response.bytesWritten() == 0) {
                // no error handler has run: Helidon's connection itself responds to this exception, bypassing the response object
                publish(Outcome.COMPLETED, bad.status().code(), 0, false);
            } else {
                endedWithoutResponse(response);
            }
        };
        boolean noResponseToAwait = response.hasEntity() || thrown instanceof BadRequestException;
        if (!awaitResponse(response, fallback) && noResponseToAwait) {
            exchange.whenOver(null);
            fallback.run();
        }
    }

    /**
     * Called when cancelled work has thrown, so that no error handler receives the exception: by the work itself, by one of its
     * tasks, whose caller may drop it, or by a cancel action. Expected exceptions are ignored. On any thread; does not block.
     */
    public void threw(Throwable failure) {
        if (CancellationEffect.explains(failure)) {
            return;
        }
        Outcome outcome;
        synchronized (this) {
            if (!ended) {
                thrown = thrown == null ? new ArrayList<>(1) : thrown;
                thrown.add(failure);
                return;
            }
            outcome = endedAs;
        }
        publish(failure, outcome);
    }

    /** As above, for work that began for this request and may outlast it, with the reason for which that work was cancelled. */
    public void threwAfterwards(List<Throwable> failures, Outcome outcome) {
        List<Throwable> own = failures.stream().filter(it -> !CancellationEffect.explains(it)).toList();
        CancellationEffect.distinct(own).forEach(it -> publish(it, outcome));
    }

    /** Called when the work was cancelled and has ended. */
    public void stopped(long decidedAt, Outcome outcome, RoutingResponse response, long stoppingNanos) {
        raceEnded(decidedAt);
        publish(outcome, status(response), stoppingNanos, response.isSent());
    }

    /** As {@link #stopped}, if the client has received another response than that of the response object. */
    public void replaced(long decidedAt, Outcome outcome, Status status, long stoppingNanos) {
        raceEnded(decidedAt);
        publish(outcome, status.code(), stoppingNanos, false);
    }

    private void raceEnded(long decidedAt) {
        this.decidedAt = decidedAt;
        racing = false;
    }

    /** Publishes the end when the response is sent. Returns whether the action is sure to run if it is not. */
    private boolean awaitResponse(RoutingResponse response, Runnable otherwise) {
        boolean detectsEnd = exchange.whenOver(otherwise);
        if (!awaitsResponse) {
            awaitsResponse = true;
            Runnable onResponse = () -> {
                if (!racing) {
                    responded(response);
                    exchange.whenOver(null);
                }
            };
            response.whenSent(onResponse);
            if (!detectsEnd) {
                response.beforeSend(onResponse);
            }
        }
        return detectsEnd;
    }

    private void responded(RoutingResponse response) {
        int status = response.status().code();
        Outcome outcome = status >= 500 ? Outcome.FAILED : Outcome.COMPLETED;
        publish(refused || refuses(response) ? Outcome.REFUSED : outcome, status, 0, true);
    }

    /**
     * Whether a response refuses the request, whichever code sent it: 429; or 503 with the advice to try again later, as that of
     * a full queue, or from a filter, as that of Helidon's limits.
     */
    private boolean refuses(RoutingResponse response) {
        int status = response.status().code();
        return status == Status.TOO_MANY_REQUESTS_429.code()
                || status == Status.SERVICE_UNAVAILABLE_503.code()
                && (response.headers().contains(HeaderNames.RETRY_AFTER) || request.matchingPattern().isEmpty());
    }

    private void endedWithoutResponse(RoutingResponse response) {
        publish(refused ? Outcome.REFUSED : Outcome.FAILED, status(response), 0, response.isSent());
    }

    private static int status(RoutingResponse response) {
        return response.hasEntity() ? response.status().code() : 0;
    }

    private void publish(Outcome outcome, int status, long stoppingNanos, boolean responseBegun) {
        try {
            publishOnce(outcome, status, stoppingNanos, responseBegun);
        } catch (RuntimeException | Error e) {
            // the heap is exhausted; there may be room again when the server has finished the request
            listeners.inFlight().remove(this);
            exchange.whenOver(() -> publish(outcome, status, stoppingNanos, responseBegun));
            throw e;
        }
    }

    private void publishOnce(Outcome outcome, int status, long stoppingNanos, boolean responseBegun) {
        boolean startReported;
        boolean quick;
        String route;
        boolean matched;
        Consumer<OutcomeListener> events = null;
        synchronized (this) {
            // settles the race of the response with the action at the end of the request, which would report that there was none
            if (endedAs != null) {
                return;
            }
            startReported = started != null;
            quick = outcome == Outcome.COMPLETED && !startReported;
            route = RequestText.route(request);
            matched = request.matchingPattern().isPresent();
            List<Throwable> failures = outcome.stopped() && thrown != null ? CancellationEffect.distinct(thrown) : List.of();
            if (!quick || !listeners.onlyOwn()) {
                RequestStart start = startReported ? started : start();
                RequestDecision decision = decided == null ? decision(start, decidedAt, outcome, "", responseBegun) : decided;
                RequestEnd end = new RequestEnd(decision, route, matched, status, Duration.ofNanos(Math.max(0, stoppingNanos)),
                                                failures);
                events = events(startReported ? null : start, decided == null ? decision : null, end);
                started = start;
            }
            // only now that nothing can fail any more: otherwise the end would never be published
            endedAs = outcome;
            if (outcome.stopped()) {
                thrown = null;
            }
        }
        try {
            if (startReported) {
                listeners.inFlight().remove(this);
            }
            if (quick) {
                listeners.completed(id, route, matched, decidedAt - exchange.headersReadAt());
            }
            if (events != null && quick) {
                listeners.publishToSubscribers(events);
            } else if (events != null) {
                listeners.publish(events);
            }
        } finally {
            publishThrown(outcome);
        }
    }

    /**
     * Publishes the exceptions that the {@link RequestEnd} does not contain, such as that of a cancel action that began when the
     * work had just won. Called after that event is published, since listeners receive the events of a request in order.
     */
    private void publishThrown(Outcome outcome) {
        List<Throwable> failures;
        synchronized (this) {
            ended = true;
            failures = thrown;
            thrown = null;
        }
        if (failures != null) {
            CancellationEffect.distinct(failures).forEach(it -> publish(it, outcome));
        }
    }

    /** Returns the events of a request; {@code null} for those that were published before. */
    private static Consumer<OutcomeListener> events(RequestStart start, RequestDecision decision, RequestEnd end) {
        return listener -> {
            if (start != null) {
                listener.started(start);
            }
            if (decision != null) {
                listener.decided(decision);
            }
            listener.ended(end);
        };
    }

    private void publish(Throwable thrown, Outcome outcome) {
        RequestStart known = started;
        WorkFailure failure = new WorkFailure(known == null ? start() : known, outcome, Instant.now(), thrown);
        listeners.publish(listener -> listener.threw(failure));
    }

    private RequestStart start() {
        return new RequestStart(id(), RequestText.method(request), RequestText.route(request), RequestText.peer(request),
                                WallClock.at(exchange.headersReadAt()), work == null ? Duration.ZERO : work.allowed(),
                                listeners.onlyOwn() ? Contexts.context() : context);
    }

    private RequestDecision decision(RequestStart start, long decidedAt, Outcome outcome, String thread, boolean responseBegun) {
        return new RequestDecision(start, outcome, elapsed(decidedAt), thread, responseBegun);
    }

    private Duration elapsed(long now) {
        return Duration.ofNanos(now - exchange.headersReadAt());
    }
}
