package dev.hangup.demo.page;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.abandonment.ClientKey;
import dev.hangup.sse.Event;
import dev.hangup.sse.EventStream;

import io.helidon.http.Method;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import io.helidon.json.JsonArray;

/**
 * Sends the state of the ledger to each open page. Each event is a complete snapshot. A slow page gets fewer events, and delays
 * nothing else. A page that has not taken an event within {@value #SEND_SECONDS} seconds loses its feed and its place. The feed
 * runs under Hangup, so it ends when the page is closed.
 */
final class Feed implements Handler {
    /** The largest deadline under Hangup's defaults; the page then reconnects. */
    private static final Duration DEADLINE = Duration.ofHours(1);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int PAUSE_MILLIS = 50;
    private static final int SEND_SECONDS = 5;

    private final Ledger ledger;
    private final Places places;
    private final ClientKey client = ClientKey.address();
    private final Handler events;

    /**
     * @param kinds  the kinds of work that a page may start
     * @param places the places that pages may take
     */
    Feed(Ledger ledger, List<String> kinds, Places places) {
        this.ledger = ledger;
        this.places = places;
        String known = JsonArray.createStrings(kinds).toString();
        this.events = EventStream.of(Duration.ofSeconds(SEND_SECONDS), (request, stream) -> produce(known, ledger, stream));
    }

    /** Returns the cancellable handler for a route. */
    Handler underHangup() {
        return Hangup.cancellable(DEADLINE, this);
    }

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        // clients without a known address count as one
        String address = client.of(request).orElse("");
        if (request.prologue().method() == Method.HEAD) {
            // lets a page learn why it was refused, since browsers hide the status of an event stream
            places.ensureFree(address);
            events.handle(request, response);
            return;
        }
        places.take(address);
        ledger.pages(1);
        try {
            events.handle(request, response);
        } finally {
            ledger.pages(-1);
            places.leave(address);
        }
    }

    private static void produce(String kinds, Ledger ledger, EventStream stream) throws Exception {
        stream.send(Event.of(kinds).name("kinds").retry(RETRY));
        Snapshot snapshot = Snapshot.NOTHING;
        while (true) {
            snapshot = ledger.next(snapshot);
            stream.send(Event.of(snapshot.json()).name("state"));
            TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        }
    }
}
