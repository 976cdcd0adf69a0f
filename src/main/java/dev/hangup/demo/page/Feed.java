package dev.hangup.demo.page;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.stream.Event;
import dev.hangup.stream.EventStream;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import jakarta.json.Json;

/**
 * What the ledger says, to each page that is open: all of it each time, as it is at that moment. A page that is slow is sent
 * less often, and nothing waits for it meanwhile. It runs under Hangup, so that it ends when the page is closed.
 */
final class Feed implements Handler {
    /** As long as anything may take under Hangup's defaults; then the page comes again. */
    private static final Duration DEADLINE = Duration.ofHours(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int PAUSE_MILLIS = 50;

    private final Ledger ledger;
    private final List<String> kinds;
    private final Semaphore places;
    private final Handler events;

    /**
     * @param kinds    the kinds of work that a page may start
     * @param maxPages how many may be open
     */
    Feed(Ledger ledger, List<String> kinds, int maxPages) {
        this.ledger = ledger;
        this.kinds = List.copyOf(kinds);
        this.places = new Semaphore(maxPages);
        this.events = EventStream.of(this::produce);
    }

    /** To be given to a route. */
    Handler underHangup() {
        return Hangup.cancellable(DEADLINE, this);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        if (request.prologue().method() == Method.HEAD) {
            events.handle(request, response);
            return;
        }
        if (!places.tryAcquire()) {
            throw new HttpException("As many pages are open as may be", Status.SERVICE_UNAVAILABLE_503, true)
                    .header(HeaderValues.create(HeaderNames.RETRY_AFTER, "5"));
        }
        ledger.pages(1);
        try {
            events.handle(request, response);
        } finally {
            ledger.pages(-1);
            places.release();
        }
    }

    private void produce(ServerRequest request, EventStream stream) throws Exception {
        stream.send(Event.of(Json.createArrayBuilder(kinds).build().toString()).name("kinds").retry(RETRY));
        Told told = Told.NOTHING;
        while (true) {
            told = ledger.next(told);
            stream.send(Event.of(told.json()).name("state"));
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }
}
