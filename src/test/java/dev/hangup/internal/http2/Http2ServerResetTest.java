package dev.hangup.internal.http2;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A stream that the server resets for what its client did wrong is stopped as if the client had reset it (CVE-2025-8671). */
class Http2ServerResetTest {
    private static final int PROTOCOL_ERROR = 1;
    private static final int FLOW_CONTROL_ERROR = 3;
    private static final int STREAM_CLOSED = 5;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int MOST = 50;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void windowUpdateOfNothing(Http2Opening opening) {
        stops(opening, PROTOCOL_ERROR, false, id -> Http2Client.windowUpdate(id, 0));
    }

    @ParameterizedTest
    @EnumSource
    void windowThatOverflows(Http2Opening opening) {
        stops(opening, FLOW_CONTROL_ERROR, false, id -> Http2Client.windowUpdate(id, Integer.MAX_VALUE));
    }

    @ParameterizedTest
    @EnumSource
    void moreDataThanWasAnnounced(Http2Opening opening) {
        stops(opening, PROTOCOL_ERROR, true, id -> Http2Client.data(id, new byte[101], false));
    }

    @ParameterizedTest
    @EnumSource
    void lessDataThanWasAnnounced(Http2Opening opening) {
        stops(opening, PROTOCOL_ERROR, true, id -> Http2Client.data(id, new byte[99], true));
    }

    @ParameterizedTest
    @EnumSource
    void dataAfterTheEnd(Http2Opening opening) {
        stops(opening, STREAM_CLOSED, false, id -> Http2Client.data(id, new byte[1], false));
    }

    @ParameterizedTest
    @EnumSource
    void moreDataThanWasAnnouncedInPieces(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail, routing -> routing
                .post("/read", Hangup.cancellable(request -> {
                    trail.add("read " + request.content().as(byte[].class).length);
                    return "read";
                })));
                Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            int id = client.post("/read", "content-length", "100");
            for (int i = 0; i < 101; i++) {
                client.send(Http2Client.data(id, new byte[1], false));
            }
            assertEquals(PROTOCOL_ERROR, client.awaitReset(id));
            assertEquals(Outcome.DISCONNECTED, server.nextEnd(it -> it.route().startsWith("/read")).outcome());
            assertEquals(0, client.soFar(id).status());
            client.ping();
            released(client, other);
            assertTrue(trail.events().stream().noneMatch(it -> it.startsWith("read ")), () -> trail.events().toString());
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyOfTheseAreAbuse(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            client.get("/work/one");
            trail.await("one");
            byte[][] frames = new byte[2 * (MOST + 1)][];
            for (int i = 0; i < frames.length; i += 2) {
                int id = client.newStream();
                frames[i] = Http2Client.headers(id, "GET", "/work/" + i, true);
                frames[i + 1] = Http2Client.windowUpdate(id, 0);
            }
            client.send(frames);
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
            client.awaitEnd();
            trail.await("one ended");
        }
    }

    /** Helidon takes a window that was negative for one that overflows, and would reset the stream. */
    @Test
    void windowThatWasNegativeIsNoError() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, trail, routing -> routing
                .get("/large", Hangup.cancellable(request -> new byte[100_000])));
                Http2Client client = opening.connect(server.port())) {
            client.ping();
            int id = client.newStream();
            client.send(Http2Client.frame(8, 0, 0, new byte[] {0, 127, 0, 0}), Http2Client.headers(id, "GET", "/large", true));
            client.awaitBytes(id, 60_000);
            client.send(Http2Client.settings(4, 10), Http2Client.windowUpdate(id, 1000),
                        Http2Client.windowUpdate(id, 1_000_000));
            assertEquals(100_000, client.answer(id).body().length);
        }
    }

    private void stops(Http2Opening opening, int errorCode, boolean body, Wrong wrong) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            int id = body ? client.post("/work/one", "content-length", "100") : client.get("/work/one");
            trail.await("one");
            trail.await("until release");
            client.send(wrong.frame(id));
            assertEquals(errorCode, client.awaitReset(id));
            trail.await("one ended");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd(it -> it.route().startsWith("/work")).outcome());
            assertEquals(0, client.soFar(id).status());
            client.ping();
            released(client, other);
        }
    }

    private void released(Http2Client client, int id) {
        assertEquals("next", client.answer(client.get("/next")).text());
        trail.add("release");
        assertEquals("until release", client.answer(id).text());
    }

    private interface Wrong {
        byte[] frame(int id);
    }
}
