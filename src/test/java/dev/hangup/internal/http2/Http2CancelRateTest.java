package dev.hangup.internal.http2;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.metrics.MetricsObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A client may cancel often; only one that does little else is cut off. Each request that it resets before its response counts
 * once, whichever thread sees the reset first.
 */
class Http2CancelRateTest {
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int REFUSED_STREAM = 7;
    private static final String EXPECT = "expect";
    private static final String CONTINUE = "100-continue";
    /** As {@code max-rapid-resets} is by default, within {@code rapid-reset-check-period}, by default ten seconds. */
    private static final int MOST = 50;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void fortyAtOnce(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            List<Integer> cancelled = IntStream.range(0, 40).mapToObj(i -> client.get("/work/" + i)).toList();
            client.send(cancelled.stream().map(Http2Client::reset).toArray(byte[][]::new));
            client.ping();
            trail.add("release");
            assertEquals("until release", client.answer(other).text());
        }
    }

    /**
     * Half a minute in a fifth of the time: as many cancels as 150 in a minute, in as many periods. A machine that stands still for
     * less than a period does not make them too many.
     */
    @Test
    void atTheRateOfAHundredAndFiftyInAMinute() throws InterruptedException {
        Http2Config limits = Http2Config.builder()
                .rapidResetCheckPeriod(Http2Config.create().rapidResetCheckPeriod().dividedBy(5))
                .buildPrototype();
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, limits, trail, routing -> { });
                Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            for (int i = 0; i < 75; i++) {
                client.send(Http2Client.reset(client.get("/work/" + i)));
                // what is tested is a rate
                Thread.sleep(60_000 / 150 / 5);
            }
            client.ping();
            trail.add("release");
            assertEquals("until release", client.answer(other).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void moreThanTheRateEndsTheConnection(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            client.get("/work/one");
            trail.await("one");
            cancel(client, MOST + 1);
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
            client.awaitEnd();
            trail.await("one ended");
        }
    }

    /**
     * The reader sees the resets while the connection's thread still answers the PINGs in front of them. By the time it gets to
     * the resets, the work has ended and the streams are forgotten.
     */
    @ParameterizedTest
    @EnumSource
    void resetsBehindPingsCountOnceEach(Http2Opening opening) {
        resetsCountOnceEach(opening, client -> repeated(400, i -> Http2Client.frame(6, 0, 0, new byte[8])));
    }

    /** As before, with frames that no other limit applies to: data of an upload that has its response already. */
    @ParameterizedTest
    @EnumSource
    void resetsBehindDroppedDataCountOnceEach(Http2Opening opening) {
        resetsCountOnceEach(opening, client -> {
            int upload = client.post("/next");
            assertEquals("next", client.answer(upload).text());
            return repeated(800, i -> Http2Client.data(upload, new byte[1], false));
        });
    }

    private void resetsCountOnceEach(Http2Opening opening, Function<Http2Client, byte[]> filler) {
        int most = 40;
        try (Logged logged = Logged.by("dev.hangup");
                TestServer server = Http2Work.start(opening, allowing(most).buildPrototype(), trail, routing -> { });
                Http2Client client = opening.connect(server.port())) {
            Http2Work.awaitUpgrade(opening, client);
            byte[] ahead = filler.apply(client);
            cancelBehind(client, ahead, most);
            client.ping();
            cancelBehind(client, ahead, 1);
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
            logged.trail().awaitAny(it -> it.contains("was ended: resets"), "cause");
        }
    }

    /** Resets streams whose work runs, in one write with the frames ahead of them, and waits until all of the work has ended. */
    private void cancelBehind(Http2Client client, byte[] ahead, int streams) {
        String name = "n" + trail.events().size();
        List<Integer> ids = IntStream.range(0, streams).mapToObj(i -> client.get("/work/" + name)).toList();
        trail.await(name, streams);
        byte[][] frames = new byte[streams + 1][];
        frames[0] = ahead;
        for (int i = 0; i < streams; i++) {
            frames[i + 1] = Http2Client.reset(ids.get(i));
        }
        client.send(frames);
        trail.await(name + " ended", streams);
    }

    /** As {@link #cancelsOfAnswersThatHaveBegunAreNotCounted}, if the reader sees the resets first. */
    @ParameterizedTest
    @EnumSource
    void resetsOfBegunAnswersBehindOtherFramesAreNotCounted(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, allowing(0).buildPrototype(), trail, routing -> routing
                .get("/begun", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(1);
                    stream.flush();
                    try {
                        trail.workUntilInterrupted();
                    } finally {
                        trail.add("begun ended");
                    }
                })));
                Http2Client client = opening.connect(server.port())) {
            Http2Work.awaitUpgrade(opening, client);
            List<Integer> ids = IntStream.range(0, 40).mapToObj(i -> client.get("/begun")).toList();
            ids.forEach(id -> client.awaitBytes(id, 1));
            byte[] pings = repeated(400, i -> Http2Client.frame(6, 0, 0, new byte[8]));
            client.send(pings, repeated(40, i -> Http2Client.reset(ids.get(i))));
            trail.await("begun ended", 40);
            client.ping();
        }
    }

    /**
     * The server has asked for the body, but has not yet responded. The second kind of body is asked for while its reader is
     * created.
     */
    @ParameterizedTest
    @ValueSource(strings = {"", "gzip"})
    void resetsBehindContinueAreCounted(String encoding) {
        int most = 4;
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (Logged logged = Logged.by("dev.hangup");
                TestServer server = Http2Work.start(opening, allowing(most).buildPrototype(), trail, Http2CancelRateTest::upload);
                Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i <= most; i++) {
                int id = encoding.isEmpty()
                        ? client.post("/upload", EXPECT, CONTINUE)
                        : client.post("/upload", EXPECT, CONTINUE, "content-encoding", encoding);
                assertEquals(100, client.begin(id).status());
                client.send(Http2Client.reset(id));
            }
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
            logged.trail().awaitAny(it -> it.contains("was ended: resets"), "cause");
        }
    }

    /** As {@link #resetsBehindContinueAreCounted}, if the whole body has come before the handler reads any. */
    @Test
    void resetsBehindContinueAreCountedWhenTheBodyIsThere() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, allowing(0).buildPrototype(), trail, routing -> routing
                .post("/late", Hangup.cancellable((request, response) -> {
                    trail.add("late");
                    trail.await("read");
                    request.content().as(byte[].class);
                    trail.workUntilInterrupted();
                })));
                Http2Client client = opening.connect(server.port())) {
            int id = client.post("/late", EXPECT, CONTINUE);
            client.send(Http2Client.data(id, new byte[1], true));
            trail.await("late");
            client.ping();
            trail.add("read");
            assertEquals(100, client.begin(id).status());
            client.send(Http2Client.reset(id));
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
        }
    }

    @Test
    void resetsOfBegunResponsesBehindContinueAreNotCounted() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, allowing(0).buildPrototype(), trail, Http2CancelRateTest::upload);
                Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i < 4; i++) {
                int id = client.post("/upload", EXPECT, CONTINUE);
                assertEquals(100, client.begin(id).status());
                client.send(Http2Client.data(id, new byte[1], false));
                client.awaitBytes(id, 1);
                client.send(Http2Client.reset(id));
            }
            client.ping();
        }
    }

    /**
     * As {@link #resetsBehindContinueAreCounted}, if the handler is Helidon's alone and has asked for the response's stream before
     * it reads. It also declares that nothing comes in it.
     */
    @ParameterizedTest
    @ValueSource(strings = {"/echo", "/empty"})
    void resetsBehindContinueAreCountedIfTheResponseIsAtHand(String path) {
        int most = 4;
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, allowing(most).buildPrototype(), trail, Http2CancelRateTest::upload);
                Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i <= most; i++) {
                client.ping();
                int id = client.post(path, EXPECT, CONTINUE);
                assertEquals(100, client.begin(id).status());
                client.send(Http2Client.reset(id));
            }
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
        }
    }

    @Test
    void resetsOfBegunResponsesThatWereAtHandAreNotCounted() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, allowing(0).buildPrototype(), trail, Http2CancelRateTest::upload);
                Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i < 4; i++) {
                int id = client.post("/echo", EXPECT, CONTINUE);
                assertEquals(100, client.begin(id).status());
                client.send(Http2Client.data(id, new byte[1], false));
                client.awaitBytes(id, 1);
                client.send(Http2Client.reset(id));
            }
            client.ping();
        }
    }

    private static void upload(HttpRouting.Builder routing) {
        routing.post("/echo", (request, response) -> {
            OutputStream stream = response.outputStream();
            InputStream body = request.content().inputStream();
            for (int read = body.read(); read >= 0; read = body.read()) {
                stream.write(read);
                stream.flush();
            }
        });
        routing.post("/empty", (request, response) -> {
            response.headers().contentLength(0);
            OutputStream stream = response.outputStream();
            request.content().inputStream().transferTo(stream);
        });
        routing.post("/upload", Hangup.cancellable((request, response) -> {
            InputStream body = request.content().inputStream();
            int read = body.read();
            OutputStream stream = response.outputStream();
            stream.write(read);
            stream.flush();
            body.read();
        }));
    }

    /** The work never began. */
    @Test
    void resetsOfRefusedStreamsAreNotCounted() {
        Http2Config limits = allowing(2).maxConcurrentStreams(1).buildPrototype();
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, limits, trail, routing -> { });
                Http2Client client = opening.connect(server.port())) {
            int work = client.get("/work/one");
            trail.await("one");
            for (int i = 0; i < 2; i++) {
                int refused = client.post("/next");
                assertEquals(REFUSED_STREAM, client.awaitReset(refused));
                client.send(Http2Client.reset(refused));
            }
            client.send(Http2Client.reset(work));
            client.ping();
        }
    }

    /** A client that cancels an upload for which it gets 431 meanwhile has its response. */
    @Test
    void resetsOfUploadsWithTooLargeHeadersAreNotCounted() {
        Http2Config limits = allowing(0).maxHeaderListSize(100).buildPrototype();
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, limits, trail, routing -> { });
                Http2Client client = opening.connect(server.port())) {
            client.holdPings();
            int refused = client.newStream();
            HeaderBlock large = HeaderBlock.request("POST", "/next").field("x-large", "x".repeat(16_400));
            client.send(Http2Client.splitHeaders(refused, large, false));
            assertEquals(431, client.answer(refused).status());
            client.send(Http2Client.reset(refused));
            client.ping();
        }
    }

    /** The server has reset the stream because of an error of the client, and counted that. */
    @Test
    void streamsThatBothSidesResetCountOnce() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, allowing(1).buildPrototype(), trail, routing -> { });
                Http2Client client = opening.connect(server.port())) {
            int upload = client.post("/work/one");
            trail.await("one");
            client.send(Http2Client.windowUpdate(upload, 0));
            client.awaitReset(upload);
            client.send(Http2Client.reset(upload));
            client.ping();
            client.send(Http2Client.reset(client.get("/work/two")));
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
        }
    }

    /** Nothing was saved by the cancel, so nothing is held against it. */
    @Test
    void cancelsOfAnswersThatHaveBegunAreNotCounted() {
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            for (int i = 0; i < 2 * MOST; i++) {
                int id = client.get("/next");
                client.answer(id);
                client.send(Http2Client.reset(id));
            }
            client.ping();
        }
    }

    @Test
    void anyNumberMayBeAllowed() {
        Http2Config limits = Http2Config.builder().maxRapidResets(-1).buildPrototype();
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, limits, trail, routing -> { });
                Http2Client client = opening.connect(server.port())) {
            cancel(client, 10 * MOST);
            client.ping();
        }
    }

    @Test
    void abuseIsLoggedOnceAndCounted() {
        try (Logged logged = Logged.by("dev.hangup");
                TestServer server = TestServer.start(
                        config -> config.addFeature(ObserveFeature.just(MetricsObserver.create())), hangup -> { },
                        routing -> routing.get("/work/{name}", Hangup.cancellable(request -> "work")));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port());
                RawClient observer = server.connect()) {
            double before = counted(observer);
            cancel(client, 3 * MOST);
            client.awaitEnd();
            assertEquals(1, logged.trail().events().stream().filter(it -> it.contains("was ended: resets")).count(),
                         () -> logged.trail().events().toString());
            assertEquals(before + 1, counted(observer));
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientThatLeavesAbruptlyIsNotAtFault(Http2Opening opening) {
        try (Logged logged = Logged.by("dev.hangup");
                TestServer server = Http2Work.start(opening, trail);
                Http2Client client = opening.connect(server.port())) {
            client.get("/work/one");
            trail.await("one");
            client.socket().reset();
            trail.await("one ended");
            Await.until("the connection is gone", () -> Usage.connectionThreads() == 0);
            assertTrue(logged.trail().events().stream().noneMatch(it -> it.contains("was ended")),
                       () -> logged.trail().events().toString());
        }
    }

    /** In one write, since the server may have closed before a second one. */
    private static void cancel(Http2Client client, int times) {
        byte[][] frames = new byte[2 * times][];
        for (int i = 0; i < times; i++) {
            int id = client.newStream();
            frames[2 * i] = Http2Client.headers(id, "GET", "/work/" + i, true);
            frames[2 * i + 1] = Http2Client.reset(id);
        }
        client.send(frames);
    }

    /** Limits for resets in a period that no test outlasts. */
    private static Http2Config.Builder allowing(int resets) {
        return Http2Config.builder().maxRapidResets(resets).rapidResetCheckPeriod(Duration.ofHours(1));
    }

    private static byte[] repeated(int times, IntFunction<byte[]> frame) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < times; i++) {
            all.writeBytes(frame.apply(i));
        }
        return all.toByteArray();
    }

    private static double counted(RawClient observer) {
        return observer.get("/observe/metrics", "Accept: text/plain\r\n").read().text().lines()
                .filter(it -> it.startsWith("hangup_http2_goaways_total{") && it.contains("cause=\"resets\""))
                .mapToDouble(it -> Double.parseDouble(it.substring(it.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
