package dev.hangup.demo.page;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.outcome.CarrierReport;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;

import io.helidon.common.context.Contexts;
import io.helidon.webserver.http.Handler;

/** Enters the events of Hangup's requests into the ledger, for the routes that the page shows. */
final class CancellableHandlers implements OutcomeListener {
    private final Ledger ledger;
    /** The kinds of work, by the routes' patterns. */
    private final Map<String, String> work = new ConcurrentHashMap<>();

    CancellableHandlers(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Returns a cancellable handler whose requests are shown. The tag of a request is stored in its context. */
    Handler observed(String pattern, String kind, Handler handler) {
        work.put(pattern, kind);
        return (request, response) -> {
            Optional<Tag> tag = Tag.of(request);
            if (tag.isEmpty()) {
                handler.handle(request, response);
                return;
            }
            request.context().register(tag.get());
            Contexts.runInContextWithThrow(request.context(), () -> {
                handler.handle(request, response);
                return null;
            });
        };
    }

    @Override
    public void started(RequestStart request) {
        if (work.containsKey(request.route())) {
            ledger.begin(tracked(request));
        }
    }

    @Override
    public void decided(RequestDecision decision) {
        if (work.containsKey(decision.request().route()) && decision.outcome().stopped()) {
            TrackedRequest tracked = ledger.find(id(decision.request())).orElseGet(() -> tracked(decision.request()));
            ledger.stop(tracked, decidedAt(tracked, decision), decision.outcome(), decision.responseBegun());
        }
    }

    @Override
    public void ended(RequestEnd end) {
        RequestStart request = end.decision().request();
        if (work.containsKey(request.route())) {
            TrackedRequest tracked = ledger.find(id(request)).orElseGet(() -> notKept(end.decision()));
            ledger.end(tracked, decidedAt(tracked, end.decision()) + end.stopping().toNanos(), end.outcome(), end.status());
        }
    }

    @Override
    public void carriers(CarrierReport report) {
        ledger.carriers(report);
    }

    private static long decidedAt(TrackedRequest tracked, RequestDecision decision) {
        return tracked.began() + decision.elapsed().toNanos();
    }

    /** Returns a request that the ledger did not keep, as it is at its end; the one that its decision was entered for is gone. */
    private TrackedRequest notKept(RequestDecision decision) {
        TrackedRequest tracked = tracked(decision.request());
        if (decision.outcome().stopped()) {
            tracked.left(decidedAt(tracked, decision), decision.responseBegun());
        }
        return tracked;
    }

    private TrackedRequest tracked(RequestStart request) {
        long age = Math.max(0, Duration.between(request.at(), Instant.now()).toNanos());
        return new TrackedRequest(id(request), work.get(request.route()), Variant.HANGUP,
                                  request.context().flatMap(it -> it.get(Tag.class)), Math.max(0, ledger.now() - age),
                                  request.allowed().toNanos());
    }

    private static String id(RequestStart request) {
        return "h" + request.id();
    }
}
