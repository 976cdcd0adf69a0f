package dev.hangup.demo.page;

import java.util.concurrent.atomic.AtomicLong;

import dev.hangup.outcome.Outcome;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/** Enters the requests of plain handlers into the ledger. Only their begin and their end are known. */
final class PlainHandlers {
    private final Ledger ledger;
    private final AtomicLong ids = new AtomicLong();

    PlainHandlers(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Returns a handler whose requests are shown. */
    Handler observed(String kind, Handler handler) {
        return (request, response) -> handle(kind, handler, request, response);
    }

    private void handle(String kind, Handler handler, ServerRequest request, ServerResponse response) throws Exception {
        TrackedRequest tracked = new TrackedRequest("b" + ids.incrementAndGet(), kind, Variant.BARE, Tag.of(request),
                                                    ledger.now(), 0);
        ledger.begin(tracked);
        Status status = Status.INTERNAL_SERVER_ERROR_500;
        boolean refused = false;
        try {
            handler.handle(request, response);
            status = response.status();
        } catch (HttpException e) {
            status = e.status();
            // the queue of its kind of work is full
            refused = e.headers().contains(HeaderNames.RETRY_AFTER);
            throw e;
        } finally {
            Outcome outcome = status.family() == Status.Family.SERVER_ERROR ? Outcome.FAILED : Outcome.COMPLETED;
            ledger.end(tracked, ledger.now(), refused ? Outcome.REFUSED : outcome, status.code());
        }
    }
}
