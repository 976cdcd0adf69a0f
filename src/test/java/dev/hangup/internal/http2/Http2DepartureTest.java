package dev.hangup.internal.http2;

import java.util.List;
import java.util.function.BiConsumer;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** Whatever lies between the client and a stream's reset, or the connection's end: the work is stopped. */
@Tag("departure")
class Http2DepartureTest {
    private static final int FRAME = 16 * 1024;
    /** As many as the server allows before it takes any. */
    private static final int FRAMES = 64;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void resetStopsItsStreamWhileTheOthersGoOn(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int one = client.get("/work/one");
            int other = client.get("/until/release");
            trail.await("one");
            trail.await("until release");
            client.send(Http2Client.reset(one));
            trail.await("one ended");
            assertEquals(Outcome.DISCONNECTED, endOf(server, "/work"));
            trail.add("release");
            assertEquals("until release", client.answer(other).text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource
    void resetInTheSegmentOfTheHeaders(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int one = client.newStream();
            client.send(Http2Client.headers(one, "GET", "/work/one", true), Http2Client.reset(one));
            assertEquals(Outcome.DISCONNECTED, endOf(server, "/work"));
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void resetOfAnUploadInTheSegmentOfTheHeaders(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int one = client.newStream();
            client.send(Http2Client.headers(one, "POST", "/work/one", false), Http2Client.data(one, new byte[100], false),
                        Http2Client.reset(one));
            assertEquals(Outcome.DISCONNECTED, endOf(server, "/work"));
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void resetBehindUnreadData(Http2Opening opening) {
        stops(opening, (client, id) -> upload(client, id, FRAMES, FRAME), (client, id) -> client.send(Http2Client.reset(id)));
    }

    @ParameterizedTest
    @EnumSource
    void resetBehindUnreadDataInSmallPieces(Http2Opening opening) {
        stops(opening, (client, id) -> upload(client, id, 2000, 1), (client, id) -> client.send(Http2Client.reset(id)));
    }

    @ParameterizedTest
    @EnumSource
    void resetBehindUnreadDataOfAnother(Http2Opening opening) {
        stops(opening,
              (client, id) -> upload(client, client.post("/unresponsive"), FRAMES, FRAME),
              (client, id) -> client.send(Http2Client.reset(id)));
    }

    /** What is read far ahead may be of a stream that Helidon gets to hear of only later, and blocks on then. */
    @ParameterizedTest
    @EnumSource
    void resetOfAStreamThatHelidonHasNotHeardOf(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int unresponsive = client.post("/unresponsive");
            trail.await("started");
            upload(client, unresponsive, 40, 1);
            int one = client.post("/work/one");
            upload(client, one, 40, 1);
            client.send(Http2Client.reset(one));
            int next = client.get("/next");
            client.send(Http2Client.data(unresponsive, new byte[1], true));
            trail.add("release");
            assertEquals("next", client.answer(next).text());
            assertEquals(Outcome.DISCONNECTED, endOf(server, "/work"));
            assertFalse(trail.events().contains("never interrupted"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void endOfTheConnection(Http2Opening opening) {
        stops(opening, (client, id) -> { }, (client, id) -> client.socket().leave());
    }

    @ParameterizedTest
    @EnumSource
    void abruptEndOfTheConnection(Http2Opening opening) {
        stops(opening, (client, id) -> { }, (client, id) -> client.socket().reset());
    }

    @ParameterizedTest
    @EnumSource
    void endOfTheConnectionBehindUnreadData(Http2Opening opening) {
        stops(opening, (client, id) -> upload(client, id, FRAMES, FRAME), (client, id) -> client.socket().leave());
    }

    @ParameterizedTest
    @EnumSource
    void abruptEndOfTheConnectionBehindUnreadDataOfAnother(Http2Opening opening) {
        stops(opening,
              (client, id) -> upload(client, client.post("/unresponsive"), FRAMES, FRAME),
              (client, id) -> client.socket().reset());
    }

    @ParameterizedTest
    @EnumSource
    void endOfTheConnectionAfterItWasAnnounced(Http2Opening opening) {
        stops(opening, (client, id) -> client.send(Http2Client.goAway()), (client, id) -> client.socket().leave());
    }

    @ParameterizedTest
    @EnumSource
    void endOfTheConnectionStopsAll(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            List<String> names = List.of("one", "two", "three");
            names.forEach(name -> client.get("/work/" + name));
            names.forEach(trail::await);
            client.socket().leave();
            names.forEach(name -> trail.await(name + " ended"));
            assertFalse(trail.events().contains("never interrupted"));
        }
    }

    /** The request that asked for the upgrade is a stream like the others. */
    @ParameterizedTest
    @EnumSource(names = "UPGRADE")
    void resetOfTheRequestThatAskedForAnUpgrade(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail);
                Http2Client client = Http2Opening.upgrade(server.port(), "/work/one")) {
            trail.await("one");
            client.send(Http2Client.reset(1));
            trail.await("one ended");
            assertEquals(Outcome.DISCONNECTED, endOf(server, "/work"));
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    /** It looks as if the client had all of its response. The whole body has come, so that only the departure ends the work. */
    @ParameterizedTest
    @EnumSource
    void resetBehindContinueOfAResponseThatWillHaveNoContent(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail, routing -> routing
                .addFilter((chain, request, response) -> {
                    if (request.path().path().equals("/upload")) {
                        response.contentLength(0);
                    }
                    chain.proceed();
                })
                .post("/upload", Hangup.cancellable((request, response) -> {
                    request.content().as(byte[].class);
                    trail.workUntilInterrupted();
                })));
                Http2Client client = opening.connect(server.port())) {
            int id = client.post("/upload", "expect", "100-continue");
            assertEquals(100, client.begin(id).status());
            client.send(Http2Client.data(id, new byte[1], true));
            trail.await("started");
            client.send(Http2Client.reset(id));
            assertEquals(Outcome.DISCONNECTED, endOf(server, "/upload"));
        }
    }

    private void stops(Http2Opening opening, BiConsumer<Http2Client, Integer> before, BiConsumer<Http2Client, Integer> leave) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/work/one");
            trail.await("one");
            before.accept(client, id);
            leave.accept(client, id);
            trail.await("one ended");
            trail.add("release");
            assertEquals(Outcome.DISCONNECTED, endOf(server, "/work"));
            assertFalse(trail.events().contains("never interrupted"));
        }
    }

    /** Of the next request on a path that ends. */
    private static Outcome endOf(TestServer server, String path) {
        return server.nextEnd(it -> it.route().startsWith(path)).outcome();
    }

    private static void upload(Http2Client client, int id, int frames, int size) {
        for (int i = 0; i < frames; i++) {
            client.send(Http2Client.data(id, new byte[size], false));
        }
    }
}
