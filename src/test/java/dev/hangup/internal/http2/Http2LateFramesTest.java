package dev.hangup.internal.http2;

import dev.hangup.Hangup;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Frames that were under way when their stream ended disturb no other stream, at the default limits. */
class Http2LateFramesTest {
    private static final String DEADLINE = "x-request-timeout-ms";

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void resetAfterTheAnswer(Http2Opening opening) {
        goesOn(opening, Http2Client::reset);
    }

    @ParameterizedTest
    @EnumSource
    void windowUpdateAfterTheAnswer(Http2Opening opening) {
        goesOn(opening, id -> Http2Client.windowUpdate(id, 1000));
    }

    @ParameterizedTest
    @EnumSource
    void windowUpdateOfNothingAfterTheAnswer(Http2Opening opening) {
        goesOn(opening, id -> Http2Client.windowUpdate(id, 0));
    }

    @ParameterizedTest
    @EnumSource
    void priorityAfterTheAnswer(Http2Opening opening) {
        goesOn(opening, Http2Client::priority);
    }

    @ParameterizedTest
    @EnumSource
    void trailersThatCrossAnEarlyAnswer(Http2Opening opening) {
        crossing(opening, (client, id) -> client.send(
                Http2Client.headers(id, new HeaderBlock().added("x-name", "from trailers"), true)));
    }

    @ParameterizedTest
    @EnumSource
    void splitTrailersThatCrossAnEarlyAnswer(Http2Opening opening) {
        crossing(opening, (client, id) -> client.send(
                Http2Client.splitHeaders(id, new HeaderBlock().added("x-name", "from trailers"), true)));
    }

    @ParameterizedTest
    @EnumSource
    void dataAndTrailersThatCrossAnEarlyAnswer(Http2Opening opening) {
        crossing(opening, (client, id) -> client.send(
                Http2Client.data(id, new byte[1000], false),
                Http2Client.headers(id, new HeaderBlock().added("x-name", "from trailers"), true)));
    }

    @ParameterizedTest
    @EnumSource
    void trailersThatCrossAResetOfTheServer(Http2Opening opening) {
        crossing(opening, (client, id) -> {
            client.awaitReset(id);
            client.send(Http2Client.headers(id, new HeaderBlock().added("x-name", "from trailers"), true));
        });
    }

    @ParameterizedTest
    @EnumSource
    void dataThatCrossesAnEarlyAnswer(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/work/one", DEADLINE, "50");
            int other = client.get("/until/release");
            assertEquals(503, client.answer(id).status());
            for (int i = 0; i < 10; i++) {
                client.send(Http2Client.data(id, new byte[10_000], i == 9));
            }
            released(client, other);
        }
    }

    @ParameterizedTest
    @EnumSource
    void resetThatCrossesAnEarlyAnswer(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/work/one", DEADLINE, "50");
            int other = client.get("/until/release");
            assertEquals(503, client.answer(id).status());
            client.send(Http2Client.reset(id), Http2Client.reset(id));
            released(client, other);
        }
    }

    /** Later header blocks refer to what was in the trailers that nobody saw. */
    private void crossing(Http2Opening opening, Trailers trailers) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.newStream();
            client.send(Http2Client.headers(id, HeaderBlock.request("POST", "/work/one").added("x-other", "of the request")
                    .field(DEADLINE, "50"), false));
            int other = client.get("/until/release");
            assertEquals(503, client.answer(id).status());
            trailers.send(client, id);
            int next = client.newStream();
            client.send(Http2Client.headers(next, HeaderBlock.request("GET", "/fields").indexed(HeaderBlock.NEWEST)
                    .indexed(HeaderBlock.NEWEST + 1), true));
            assertEquals("from trailers, of the request", client.answer(next).text());
            released(client, other);
        }
    }

    private void goesOn(Http2Opening opening, Late late) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int ended = client.get("/next");
            client.answer(ended);
            int newer = client.get("/until/release");
            trail.await("until release");
            client.send(late.frame(ended));
            released(client, newer);
        }
    }

    private void released(Http2Client client, int id) {
        client.ping();
        assertEquals("next", client.answer(client.get("/next")).text());
        trail.add("release");
        assertEquals("until release", client.answer(id).text());
    }

    private TestServer start(Http2Opening opening) {
        return Http2Work.start(opening, trail, routing -> routing.get("/fields", Hangup.cancellable(request ->
                Http2Work.field(request, "x-name") + ", " + Http2Work.field(request, "x-other"))));
    }

    private interface Late {
        byte[] frame(int id);
    }

    private interface Trailers {
        void send(Http2Client client, int id);
    }
}
