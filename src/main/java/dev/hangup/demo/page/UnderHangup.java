package dev.hangup.demo.page;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestDecision;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.RequestStart;

import io.helidon.common.context.Contexts;
import io.helidon.webserver.http.Handler;

/** What Hangup tells of its requests, entered into the ledger; of those routes alone that the page shows. */
final class UnderHangup implements OutcomeListener {
    private final Ledger ledger;
    /** The kinds of work, by the routes' patterns. */
    private final Map<String, String> work = new ConcurrentHashMap<>();

    UnderHangup(Ledger ledger) {
        this.ledger = ledger;
    }

    /** A handler of Hangup's whose requests are to be shown: their tag travels with their context. */
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
            ledger.begin(piece(request));
        }
    }

    @Override
    public void decided(RequestDecision decision) {
        if (work.containsKey(decision.request().route()) && decision.outcome().stopped()) {
            Piece piece = find(decision.request());
            ledger.stop(piece, decidedAt(piece, decision), decision.outcome());
        }
    }

    @Override
    public void ended(RequestEnd end) {
        RequestStart request = end.decision().request();
        if (work.containsKey(request.route())) {
            Piece piece = find(request);
            ledger.end(piece, decidedAt(piece, end.decision()) + end.stopping().toNanos(), end.outcome(), end.status());
        }
    }

    private static long decidedAt(Piece piece, RequestDecision decision) {
        return piece.began() + decision.elapsed().toNanos();
    }

    /** Those that are not kept are made again: they are told of when they end. */
    private Piece find(RequestStart request) {
        return ledger.find(id(request)).orElseGet(() -> piece(request));
    }

    private Piece piece(RequestStart request) {
        long age = Math.max(0, Duration.between(request.at(), Instant.now()).toNanos());
        return new Piece(id(request), work.get(request.route()), Way.HANGUP,
                         request.context().flatMap(it -> it.get(Tag.class)), Math.max(0, ledger.now() - age),
                         request.allowed().toNanos());
    }

    private static String id(RequestStart request) {
        return "h" + request.id();
    }
}
