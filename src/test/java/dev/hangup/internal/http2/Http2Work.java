package dev.hangup.internal.http2;

import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http2.Http2Config;

/** Servers of HTTP/2 whose work leaves a trail. */
public final class Http2Work {
    private Http2Work() {
    }

    static TestServer start(Http2Opening opening, Consumer<HangupConfig.Builder> hangup,
                            Consumer<HttpRouting.Builder> routing) {
        return TestServer.start(opening::configure, hangup, it -> {
            it.get("/upgrade", (request, response) -> response.send());
            routing.accept(it);
        });
    }

    /**
     * {@code /work/NAME} lasts until it is interrupted, {@code /until/EVENT} until something has happened, {@code /unresponsive}
     * until "release", whoever interrupts; {@code /next} is answered at once. {@code /unresponsive?late} has no time left once it
     * has begun.
     */
    public static TestServer start(Http2Opening opening, Trail trail) {
        return start(opening, trail, routing -> { });
    }

    /** As {@link #start(Http2Opening, Trail)}, and with more. */
    static TestServer start(Http2Opening opening, Trail trail, Consumer<HttpRouting.Builder> more) {
        return start(opening, hangup -> { }, routing -> routing(routing, trail).update(more));
    }

    /** As {@link #start(Http2Opening, Trail, Consumer)}, with limits of HTTP/2. */
    static TestServer start(Http2Opening opening, Http2Config limits, Trail trail, Consumer<HttpRouting.Builder> more) {
        return TestServer.start(server -> {
            opening.configure(server);
            server.addProtocol(limits);
        }, hangup -> { }, routing -> routing(routing, trail)
                .get("/upgrade", (request, response) -> response.send())
                .update(more));
    }

    /** Waits until the stream is over that an upgrade begins with. */
    static void awaitUpgrade(Http2Opening opening, Http2Client client) {
        if (opening == Http2Opening.UPGRADE) {
            client.answer(1);
        }
    }

    /** A field of a request's header, or a word for none. */
    static String field(ServerRequest request, String name) {
        return request.headers().first(HeaderNames.create(name)).orElse("none");
    }

    private static HttpRouting.Builder routing(HttpRouting.Builder routing, Trail trail) {
        return routing
                .any("/work/{name}", Hangup.cancellable((request, response) -> {
                    String name = request.path().pathParameters().get("name");
                    trail.add(name);
                    try {
                        trail.workUntilInterrupted();
                    } finally {
                        trail.add(name + " ended");
                    }
                }))
                .any("/until/{event}", Hangup.cancellable(request -> {
                    String event = request.path().pathParameters().get("event");
                    trail.add("until " + event);
                    trail.await(event);
                    return "until " + event;
                }))
                .any("/unresponsive", Hangup.cancellable((request, response) -> {
                    if (request.query().contains("late")) {
                        Time.isUp(request, response);
                    }
                    trail.ignoreInterruptsUntil("release");
                    response.send("late");
                }))
                .any("/next", Hangup.cancellable(request -> "next"));
    }
}
