package dev.hangup.internal.http2;

import java.util.Arrays;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.HeaderNames;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What RFC 9113 calls an error is one, of the stream where others need not suffer from it. */
class Http2StrictnessTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int STREAM_CLOSED = 5;
    private static final int FRAME_SIZE_ERROR = 6;
    private static final int COMPRESSION_ERROR = 9;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int INITIAL_WINDOW_SIZE = 4;
    private static final int UNKNOWN_SETTING = 0xff77;
    private static final int UNKNOWN_TYPE = 0x77;
    private static final int PUSH_PROMISE = 5;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void dataOnAHalfClosedStream(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            int id = client.get("/work/one");
            trail.await("one");
            client.send(Http2Client.data(id, new byte[1], false));
            assertEquals(STREAM_CLOSED, client.awaitReset(id));
            trail.await("one ended");
            trail.add("release");
            assertEquals("until release", client.answer(other).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void headersOnAHalfClosedStream(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            int id = client.get("/work/one");
            trail.await("one");
            client.send(Http2Client.headers(id, new HeaderBlock().field("x-name", "late"), true));
            assertEquals(STREAM_CLOSED, client.awaitReset(id));
            trail.await("one ended");
            trail.add("release");
            assertEquals("until release", client.answer(other).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void dataOnAClosedStream(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int closed = client.get("/next");
            client.answer(closed);
            client.send(Http2Client.data(closed, new byte[1], false));
            assertEquals(STREAM_CLOSED, client.awaitResetOrGoAway(closed));
        }
    }

    @ParameterizedTest
    @EnumSource
    void dataOnAnIdleStream(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> Http2Client.data(client.newStream(), new byte[1], false));
    }

    @ParameterizedTest
    @EnumSource
    void dataOnTheConnection(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> Http2Client.data(0, new byte[1], false));
    }

    @ParameterizedTest
    @EnumSource
    void headersOnAClosedStream(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int closed = client.get("/next");
            client.answer(closed);
            client.send(Http2Client.headers(closed, "GET", "/next", true));
            assertEquals(STREAM_CLOSED, client.awaitResetOrGoAway(closed));
        }
    }

    @ParameterizedTest
    @EnumSource
    void headersOnAnEvenStream(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> Http2Client.headers(closed + 1, "GET", "/next", true));
    }

    @ParameterizedTest
    @EnumSource
    void resetOfAnIdleStream(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> Http2Client.reset(client.newStream()));
    }

    @ParameterizedTest
    @EnumSource
    void windowUpdateOfAnIdleStream(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> Http2Client.windowUpdate(client.newStream(), 1));
    }

    @ParameterizedTest
    @EnumSource
    void windowUpdateOfNothingOnTheConnection(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> Http2Client.windowUpdate(0, 0));
    }

    @ParameterizedTest
    @EnumSource
    void windowUpdateOfAWrongLength(Http2Opening opening) {
        ends(opening, FRAME_SIZE_ERROR, (client, closed) -> Http2Client.frame(8, 0, 0, new byte[3]));
    }

    @ParameterizedTest
    @EnumSource
    void frameThatIsTooLarge(Http2Opening opening) {
        ends(opening, FRAME_SIZE_ERROR, (client, closed) -> Http2Client.frame(UNKNOWN_TYPE, 0, 0, new byte[16_385]));
    }

    @ParameterizedTest
    @EnumSource
    void continuationOfNothing(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) ->
                Http2Client.continuation(client.newStream(), new HeaderBlock(), true));
    }

    @ParameterizedTest
    @EnumSource
    void continuationOfAnother(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> together(
                Http2Client.headersToContinue(client.newStream(), HeaderBlock.request("GET", "/next"), true),
                Http2Client.continuation(client.newStream(), new HeaderBlock(), true)));
    }

    @ParameterizedTest
    @EnumSource
    void anotherFrameWithinAHeaderBlock(Http2Opening opening) {
        ends(opening, PROTOCOL_ERROR, (client, closed) -> together(
                Http2Client.headersToContinue(client.newStream(), HeaderBlock.request("GET", "/next"), true),
                Http2Client.windowUpdate(0, 1)));
    }

    /** RFC 9113, 6.8: a client may repeat what is newer. */
    @ParameterizedTest
    @EnumSource
    void errorThatOnlyHelidonNoticesTakesBackNoRequest(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int processed = client.post("/work/one");
            trail.await("one");
            int wrong = client.newStream();
            client.send(Http2Client.headers(wrong, HeaderBlock.request("GET", "/next").field("X-Upper-Case", "wrong"), true));
            assertEquals(PROTOCOL_ERROR, client.awaitGoAway());
            assertTrue(client.goAwayLastStream() >= processed, () -> "last stream " + client.goAwayLastStream());
            client.awaitEnd();
            trail.await("one ended");
        }
    }

    @ParameterizedTest
    @EnumSource
    void emptyContinuationsWithoutEnd(Http2Opening opening) {
        ends(opening, ENHANCE_YOUR_CALM, (client, closed) -> {
            int id = client.newStream();
            byte[][] frames = new byte[1000][];
            Arrays.fill(frames, Http2Client.continuation(id, new HeaderBlock(), false));
            frames[0] = Http2Client.headersToContinue(id, HeaderBlock.request("GET", "/next"), true);
            return together(frames);
        });
    }

    @ParameterizedTest
    @EnumSource
    void headerBlockWithoutEnd(Http2Opening opening) {
        ends(opening, ENHANCE_YOUR_CALM, (client, closed) -> {
            int id = client.newStream();
            byte[][] frames = new byte[260][];
            Arrays.fill(frames, Http2Client.continuation(id, new HeaderBlock().field("x-name", "x".repeat(100)), false));
            frames[0] = Http2Client.headersToContinue(id, HeaderBlock.request("GET", "/next"), true);
            return together(frames);
        });
    }

    @ParameterizedTest
    @EnumSource
    void emptyDataAfterAnEarlyAnswer(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/work/one", "x-request-timeout-ms", "20");
            assertEquals(503, client.answer(id).status());
            byte[][] frames = new byte[1000][];
            Arrays.fill(frames, Http2Client.data(id, new byte[0], false));
            client.send(frames);
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
        }
    }

    @ParameterizedTest
    @EnumSource
    void referenceToAFieldThatThereIsNot(Http2Opening opening) {
        ends(opening, COMPRESSION_ERROR, (client, closed) -> Http2Client.headers(
                client.newStream(), HeaderBlock.request("GET", "/next").indexed(HeaderBlock.NEWEST + 50), true));
    }

    @ParameterizedTest
    @EnumSource
    void pushPromiseOfAClient(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            client.send(Http2Client.frame(PUSH_PROMISE, 0, client.newStream(), new byte[4]));
            client.awaitGoAway();
            client.awaitEnd();
        }
    }

    @ParameterizedTest
    @EnumSource
    void unknownFramesAndSettingsAreIgnored(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            client.send(Http2Client.frame(UNKNOWN_TYPE, 0xff, 77, new byte[10]), Http2Client.settings(UNKNOWN_SETTING, 1));
            client.ping();
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void settingsBehindAnUnknownOneCount(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            client.send(Http2Client.settings(UNKNOWN_SETTING, 77, INITIAL_WINDOW_SIZE, 10));
            client.ping();
            int id = client.get("/large");
            assertEquals(10, client.awaitFirstData(id));
            client.send(Http2Client.windowUpdate(id, 100_000));
            assertEquals(100_000, client.answer(id).body().length);
        }
    }

    @Test
    void settingsBehindAnUnknownOneCountInTheRequestForAnUpgrade() {
        try (TestServer server = start(Http2Opening.UPGRADE);
                Http2Client client = Http2Opening.upgrade(server.port(), "/large", new byte[] {
                    (byte) 0xff, 0x77, 0, 0, 0, 77, 0, INITIAL_WINDOW_SIZE, 0, 0, 0, 10})) {
            assertEquals(10, client.awaitFirstData(1));
            client.send(Http2Client.windowUpdate(1, 100_000));
            assertEquals(100_000, client.answer(1).body().length);
        }
    }

    @Test
    void windowBeyondTheMaximumInTheRequestForAnUpgrade() {
        try (TestServer server = start(Http2Opening.UPGRADE);
                Http2Client client = Http2Opening.upgrade(server.port(), "/work/one", new byte[] {
                    0, INITIAL_WINDOW_SIZE, (byte) 0x80, 0, 0, 0})) {
            assertEquals(FLOW_CONTROL_ERROR, client.awaitGoAway());
            client.awaitEnd();
        }
        // the server has stopped, so no work can begin any more
        assertEquals(List.of(), trail.events());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1024})
    void smallerHeaderTableOfTheClient(int bytes) {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            assertFields(client, "before");
            client.limitHeaderTable(bytes);
            for (int i = 0; i < 100; i++) {
                assertFields(client, "after" + i);
                assertFields(client, "before");
            }
        }
    }

    private static void assertFields(Http2Client client, String name) {
        Http2Client.Answer answer = client.answer(client.get("/fields?" + name));
        assertEquals(name, answer.headers().get("x-" + name));
        assertEquals("always the same", answer.headers().get("x-constant"));
    }

    /** With work in flight, which is stopped. */
    private void ends(Http2Opening opening, int errorCode, Wrong wrong) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            client.get("/work/one");
            trail.await("one");
            int closed = client.get("/next");
            client.answer(closed);
            client.ping();
            client.send(wrong.frames(client, closed));
            assertEquals(errorCode, client.awaitGoAway());
            client.awaitEnd();
            trail.await("one ended");
        }
    }

    /** In one write, since the server may have closed before a second one. */
    private static byte[] together(byte[]... frames) {
        int length = Arrays.stream(frames).mapToInt(frame -> frame.length).sum();
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] frame : frames) {
            System.arraycopy(frame, 0, all, at, frame.length);
            at += frame.length;
        }
        return all;
    }

    private TestServer start(Http2Opening opening) {
        return Http2Work.start(opening, trail, routing -> routing
                .get("/large", Hangup.cancellable(request -> new byte[100_000]))
                .get("/fields", Hangup.cancellable((request, response) -> response
                        .header(HeaderNames.create("x-" + request.query().rawValue()), request.query().rawValue())
                        .header(HeaderNames.create("x-constant"), "always the same")
                        .send("answer"))));
    }

    private interface Wrong {
        byte[] frames(Http2Client client, int closed);
    }
}
