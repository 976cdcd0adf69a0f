package dev.hangup.demo;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

import dev.hangup.sse.Event;
import dev.hangup.sse.EventStream;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.json.JsonObject;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

/**
 * A stream of events: a {@code tick} every tenth of a second, and an {@code end} when the time is up. A client that reconnects
 * after the end gets 204, which tells browsers not to reconnect.
 */
final class Ticks implements Handler {
    private static final System.Logger LOGGER = System.getLogger(Ticks.class.getName());
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");
    private static final String END = "end";
    private static final int PAUSE_MILLIS = 100;

    private final Handler events = EventStream.of(Ticks::produce);

    @Override
    public void handle(ServerRequest request, ServerResponse response) throws Exception {
        if (request.headers().first(LAST_EVENT_ID).equals(Optional.of(END))) {
            response.status(Status.NO_CONTENT_204).send();
        } else {
            events.handle(request, response);
        }
    }

    private static void produce(ServerRequest request, EventStream events) throws Exception {
        long ticks = Seconds.of(request.query()).toMillis() / PAUSE_MILLIS;
        String path = request.path().path();
        LOGGER.log(System.Logger.Level.INFO, path + ": an event every " + PAUSE_MILLIS + " ms, " + ticks + " times");
        for (int i = 1; i <= ticks; i++) {
            try {
                events.send(event("tick", String.valueOf(i), i));
                TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
            } catch (Exception e) {
                LOGGER.log(System.Logger.Level.WARNING, path + ": ended with event " + i);
                throw e;
            }
        }
        events.send(event("end", END, ticks));
        LOGGER.log(System.Logger.Level.INFO, path + ": success, sent all " + ticks + " events");
    }

    private static Event event(String name, String id, long count) {
        return Event.of(JsonObject.builder().set("count", count).build().toString()).name(name).id(id);
    }
}
