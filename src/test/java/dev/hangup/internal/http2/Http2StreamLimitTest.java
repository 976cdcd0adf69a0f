package dev.hangup.internal.http2;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A connection that has as many streams as it may goes on, whatever its client opens besides. */
class Http2StreamLimitTest {
    private static final int LIMIT = 10;
    private static final int REFUSED_STREAM = 7;
    private static final String DEADLINE = "x-request-timeout-ms";

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void oneIsResetAndOneIsOpened(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            List<Integer> waiting = fill(opening, client);
            client.send(Http2Client.reset(waiting.removeFirst()));
            assertEquals("next", client.answer(client.get("/next")).text());
            release(client, waiting);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneIsResetAndOneIsOpenedInTheSameSegment(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            List<Integer> waiting = fill(opening, client);
            int next = client.newStream();
            client.send(Http2Client.reset(waiting.removeFirst()), Http2Client.headers(next, "GET", "/next", true));
            assertEquals("next", client.answer(next).text());
            release(client, waiting);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneOverTheLimitIsRefusedAndTheOthersGoOn(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            List<Integer> waiting = fill(opening, client);
            for (int i = 0; i < 3; i++) {
                assertEquals(REFUSED_STREAM, client.awaitReset(client.get("/next")));
            }
            release(client, waiting);
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    /** Helidon never forgets a stream whose content encoding it does not know. */
    @Test
    void connectionWhoseStreamsAreNotForgottenEnds() {
        int streams = 50;
        try (TestServer server = TestServer.start(
                config -> config.contentEncoding(encodings -> encodings.addContentEncoding(Encoding.GZIP))
                        .addProtocol(Http2Config.builder().maxConcurrentStreams(streams).build()),
                hangup -> { }, routing -> routing.get("/next", Hangup.cancellable(request -> "next")));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            for (int i = 0; i < 4 * streams; i++) {
                int id = client.get("/next", "content-encoding", "unknown");
                Await.until("it has its response", () -> client.hasEnded(id));
            }
            client.get("/next");
            client.awaitGoAway();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Integer.MAX_VALUE, 0xffff_ffffL})
    void anyNumberOfStreamsMayBeAdmitted(long streams) {
        try (TestServer server = TestServer.start(
                config -> config.addProtocol(Http2Config.builder().maxConcurrentStreams(streams).build()),
                hangup -> { }, routing -> routing.get("/next", Hangup.cancellable(request -> "next")));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void uploadThatIsRefusedMaySendOnForAWhile(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            List<Integer> waiting = fill(opening, client);
            int refused = client.post("/take");
            client.send(Http2Client.data(refused, new byte[1000], false));
            assertEquals(REFUSED_STREAM, client.awaitReset(refused));
            client.send(Http2Client.data(refused, new byte[1000], false), Http2Client.windowUpdate(refused, 1000),
                        Http2Client.headers(refused, new HeaderBlock().field("x-name", "last"), true));
            client.ping();
            release(client, waiting);
        }
    }

    /** Nobody has seen what is in the header of the refused request, but it is in the table. */
    @ParameterizedTest
    @EnumSource
    void laterRequestsMayReferToTheHeaderOfARefusedOne(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            List<Integer> waiting = fill(opening, client);
            int refused = client.newStream();
            client.send(Http2Client.headers(refused, HeaderBlock.request("GET", "/next").added("x-name", "refused"), true));
            assertEquals(REFUSED_STREAM, client.awaitReset(refused));
            release(client, waiting);
            for (int i = 0; i < 3; i++) {
                assertEquals("refused", name(client, HeaderBlock.NEWEST));
            }
            int added = client.newStream();
            client.send(Http2Client.headers(added, HeaderBlock.request("GET", "/name").added("x-name", "new"), true));
            assertEquals("new", client.answer(added).text());
            assertEquals("new", name(client, HeaderBlock.NEWEST));
            assertEquals("refused", name(client, HeaderBlock.NEWEST + 1));
        }
    }

    @ParameterizedTest
    @EnumSource
    void moreUploadsAreAnsweredEarlyThanTheLimit(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            for (int i = 0; i < LIMIT + 2; i++) {
                int id = client.post("/work/" + i, DEADLINE, "20");
                client.send(Http2Client.data(id, new byte[100], false));
                assertEquals(503, client.answer(id).status());
                client.awaitReset(id);
            }
            release(client, List.of(other));
        }
    }

    @ParameterizedTest
    @EnumSource
    void uploadsAreNotCountedAfterTheirClientHasResetThem(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            for (int i = 0; i < 3 * LIMIT; i++) {
                int id = client.post("/work/" + i);
                client.send(Http2Client.data(id, new byte[100], false), Http2Client.reset(id));
            }
            assertEquals("next", client.answer(client.get("/next")).text());
            release(client, List.of(other));
        }
    }

    /**
     * A client that resets streams has none open, but the work of a plain route goes on, and that of any route if it does not
     * react. So a connection may have only so many requests in the server, however they look to the client.
     */
    @ParameterizedTest
    @EnumSource
    void workThatGoesOnAfterAResetIsBounded(Http2Opening opening) {
        Http2Config limits = Http2Config.builder().maxConcurrentStreams(LIMIT).maxRapidResets(-1).buildPrototype();
        int most = 100;
        try (TestServer server = Http2Work.start(opening, limits, trail, routing -> routing
                .get("/plain", (request, response) -> {
                    trail.add("plain");
                    trail.await("release");
                    trail.add("plain ended");
                }));
                Http2Client client = opening.connect(server.port())) {
            Http2Work.awaitUpgrade(opening, client);
            Await.until("the request of the upgrade is over", () -> Usage.streamThreads() == 0);
            for (int i = 1; i <= most; i++) {
                client.send(Http2Client.reset(client.get("/plain")));
                trail.await("plain", i);
            }
            assertEquals(REFUSED_STREAM, client.awaitReset(client.get("/plain")));
            trail.add("release");
            trail.await("plain ended", most);
            // a thread that has ended its work still has to leave the stream
            Await.until("there is room again", () -> client.answerOrReset(client.get("/next")).text().equals("next"));
        }
    }

    private List<Integer> fill(Http2Opening opening, Http2Client client) {
        Http2Work.awaitUpgrade(opening, client);
        List<Integer> waiting = new ArrayList<>(IntStream.range(0, LIMIT)
                .mapToObj(i -> client.get("/until/release"))
                .toList());
        trail.await("until release", LIMIT);
        return waiting;
    }

    private void release(Http2Client client, List<Integer> waiting) {
        trail.add("release");
        waiting.forEach(id -> assertEquals("until release", client.answer(id).text()));
    }

    private static String name(Http2Client client, int index) {
        int id = client.newStream();
        client.send(Http2Client.headers(id, HeaderBlock.request("GET", "/name").indexed(index), true));
        return client.answer(id).text();
    }

    private TestServer start(Http2Opening opening) {
        return Http2Work.start(opening, Http2Config.builder().maxConcurrentStreams(LIMIT).buildPrototype(), trail,
                               routing -> routing
                                       .get("/name", Hangup.cancellable(request -> Http2Work.field(request, "x-name")))
                                       .post("/take", Hangup.cancellable(request ->
                                               String.valueOf(request.content().as(byte[].class).length))));
    }
}
