package dev.hangup.demo;

import java.io.StringReader;
import java.util.function.Predicate;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;

/** A page that is open, as far as its feed is concerned. */
final class FeedReader implements AutoCloseable {
    private final RawClient client;
    private final JsonArray kinds;
    private String text = "";
    private int events;
    private JsonObject state;

    private FeedReader(RawClient client) {
        this.client = client;
        client.get("/page/feed");
        String head = client.readHead();
        if (!head.startsWith("HTTP/1.1 200 ")) {
            throw new AssertionError(head);
        }
        this.kinds = Json.createReader(new StringReader(data("kinds"))).readArray();
    }

    static FeedReader open(int port) {
        return new FeedReader(RawClient.connect(port));
    }

    /** The kinds of work that may be started. */
    String kinds() {
        return String.join(" ", kinds.getValuesAs(JsonString::getString));
    }

    /** The next state that the server tells. */
    JsonObject next() {
        events++;
        text = data("state");
        state = Json.createReader(new StringReader(text)).readObject();
        return state;
    }

    /** Waits for a state. */
    JsonObject await(String what, Predicate<JsonObject> wanted) {
        long end = System.nanoTime() + Await.TIME.toNanos();
        while (!wanted.test(next())) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("Waited in vain for " + what + ", but there was " + state);
            }
        }
        return state;
    }

    /** Waits for a piece of work. */
    JsonObject await(String what, String list, Predicate<JsonObject> wanted) {
        return await(what, it -> it.getJsonArray(list).getValuesAs(JsonObject.class).stream().anyMatch(wanted))
                .getJsonArray(list)
                .getValuesAs(JsonObject.class)
                .stream()
                .filter(wanted)
                .findFirst()
                .orElseThrow();
    }

    /** How many states it was told of. */
    int events() {
        return events;
    }

    /** The last of them, as it came. */
    String text() {
        return text;
    }

    /** Closes the page. */
    void leave() {
        client.leave();
    }

    @Override
    public void close() {
        client.close();
    }

    private String data(String name) {
        String event = client.readChunk();
        String data = event.lines().filter(it -> it.startsWith("data: ")).findFirst().orElseThrow().substring(6);
        if (!event.contains("event: " + name + "\n") || !event.endsWith("data: " + data + "\n\n")) {
            throw new AssertionError("No event of one line named " + name + ": " + event);
        }
        return data;
    }
}
