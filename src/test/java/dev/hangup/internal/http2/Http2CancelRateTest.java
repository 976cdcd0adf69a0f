package dev.hangup.internal.http2;

import java.util.List;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.metrics.MetricsObserver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A client may cancel often; only one that does little else is cut off. */
class Http2CancelRateTest {
    private static final int ENHANCE_YOUR_CALM = 11;
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

    /** A minute in a fiftieth of the time: as many cancels as 150 in a minute, in as many periods. */
    @Test
    void aHundredAndFiftyInAMinute() throws InterruptedException {
        Http2Config limits = Http2Config.builder()
                .rapidResetCheckPeriod(Http2Config.create().rapidResetCheckPeriod().dividedBy(50))
                .buildPrototype();
        Http2Opening opening = Http2Opening.PRIOR_KNOWLEDGE;
        try (TestServer server = Http2Work.start(opening, limits, trail, routing -> { });
                Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            for (int i = 0; i < 150; i++) {
                client.send(Http2Client.reset(client.get("/work/" + i)));
                // what is tested is a rate
                Thread.sleep(60_000 / 150 / 50);
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

    private static double counted(RawClient observer) {
        return observer.get("/observe/metrics", "Accept: text/plain\r\n").read().text().lines()
                .filter(it -> it.startsWith("hangup_http2_goaways_total{") && it.contains("cause=\"resets\""))
                .mapToDouble(it -> Double.parseDouble(it.substring(it.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElseThrow();
    }
}
