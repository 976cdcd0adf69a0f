package dev.hangup.internal.http2;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;

import dev.hangup.internal.connection.Usage;
import dev.hangup.internal.http1.WatchedHttp1Connection;
import dev.hangup.testing.Await;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.LiveThreads;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.RecordingLimit;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.common.task.InterruptableTask;
import io.helidon.http.BadRequestException;
import io.helidon.http.ForbiddenException;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Faults of Helidon 4.5.0 that end a connection, or hold it up, for what concerns one stream; each as long as it is there. */
class HelidonStreamFaultsTest {
    private static final int INTERNAL_ERROR = 2;
    private static final int PROTOCOL_ERROR = 1;
    private static final int STREAM_CLOSED = 5;
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    /** None that RFC 9113 knows. */
    private static final int REQUEST_HEADER_FIELDS_TOO_LARGE = 431;
    private static final int LARGE_FIELD = 10_000;

    private final Trail trail = new Trail();

    @Test
    @WorkedAroundBy(value = {InboundFrames.class, Http2Exchange.class}, members = {"reset", "needsReset"})
    void resetOfAStreamThatHasEndedEndsTheConnection() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int ended = client.get("/next");
            client.answer(ended);
            Await.until("its thread has ended", () -> Usage.streamThreads() == 0);
            client.get("/until/release");
            trail.await("until release");
            client.send(Http2Client.reset(ended));
            assertEquals(PROTOCOL_ERROR, client.awaitGoAway());
            trail.add("release");
        }
    }

    @Test
    @WorkedAroundBy(value = InboundFrames.class, members = "trailers")
    void trailersThatCrossAnEarlyAnswerEndTheConnection() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.post("/next");
            client.answer(id);
            Await.until("Helidon waits for the rest", () -> LiveThreads.now().flatMap(it -> Arrays.stream(it.getStackTrace()))
                    .anyMatch(it -> it.getMethodName().equals("readEntityFromPipeline")));
            client.send(Http2Client.headers(id, new HeaderBlock().field("x-name", "from trailers"), true));
            assertEquals(STREAM_CLOSED, client.awaitGoAway());
        }
    }

    @Test
    @WorkedAroundBy(value = {Http2Limits.class, InboundFrames.class}, members = {"forHelidon", "request"})
    void oneStreamTooManyEndsTheConnection() {
        try (PlainServer server = start(Http2Config.builder().maxConcurrentStreams(1).buildPrototype());
                Http2Client client = server.connectHttp2()) {
            client.get("/until/release");
            trail.await("until release");
            client.get("/next");
            assertEquals(REFUSED_STREAM, client.awaitGoAway());
            trail.add("release");
        }
    }

    /** Rather than to answer 431. */
    @Test
    @WorkedAroundBy(value = {InboundFrames.class, EarlyEnds.class}, members = "refuseHeaders")
    void headerFieldsThatAreTooLargeEndTheConnection() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.newStream();
            client.send(Http2Client.headersToContinue(id, HeaderBlock.request("GET", "/next"), true),
                        Http2Client.continuation(id, new HeaderBlock().field("x-large", "x".repeat(LARGE_FIELD)), true));
            assertEquals(REQUEST_HEADER_FIELDS_TOO_LARGE, client.awaitGoAway());
        }
    }

    /** The client's resets are counted within a period, the server's are not. */
    @Test
    @WorkedAroundBy(value = {Http2Limits.class, InboundFrames.class}, members = {"forHelidon", "countReset"})
    void resetsOfTheServerAreCountedForALifetime() {
        Duration over = Duration.ofNanos(1);
        try (PlainServer server = start(Http2Config.builder().maxRapidResets(2).rapidResetCheckPeriod(over).buildPrototype());
                Http2Client client = server.connectHttp2()) {
            for (int i = 0; i < 3; i++) {
                resetByTheServer(client);
            }
            assertEquals(ENHANCE_YOUR_CALM, client.awaitGoAway());
            trail.add("release");
        }
    }

    @Test
    @WorkedAroundBy(value = {EarlyEnds.class, OutboundFrames.class}, members = {"resetByHelidon", "headers", "data"})
    void streamThatTheServerResetsGoesOnAndIsAnswered() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = resetByTheServer(client);
            assertEquals(PROTOCOL_ERROR, client.awaitReset(id));
            trail.add("release");
            assertEquals("until release", answerOf(client, id));
        }
    }

    @Test
    @WorkedAroundBy(value = OutboundFrames.class, members = {"headers", "data"})
    void streamThatTheClientHasResetIsAnswered() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.get("/until/release");
            trail.await("until release");
            client.send(Http2Client.reset(id));
            client.ping();
            trail.add("release");
            assertEquals("until release", answerOf(client, id));
        }
    }

    @Test
    @WorkedAroundBy(StreamInput.class)
    void unreadDataHoldsUpTheConnection() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.post("/until/release");
            trail.await("until release");
            PlainServer.Connection connection = server.nextConnection();
            byte[][] frames = new byte[40][];
            Arrays.fill(frames, Http2Client.data(id, new byte[1], false));
            client.send(frames);
            connection.awaitIn(ArrayBlockingQueue.class, "put");
            trail.add("release");
        }
    }

    @Test
    @WorkedAroundBy(value = InboundFrames.class, members = "continuation")
    void emptyContinuationsAreTakenWithoutEnd() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.newStream();
            byte[][] frames = new byte[10_000][];
            Arrays.fill(frames, Http2Client.continuation(id, new HeaderBlock(), false));
            frames[0] = Http2Client.headersToContinue(id, HeaderBlock.request("GET", "/next"), true);
            frames[frames.length - 1] = Http2Client.continuation(id, new HeaderBlock(), true);
            client.send(frames);
            assertEquals("next", client.answer(id).text());
        }
    }

    @Test
    @WorkedAroundBy(value = ConnectionEnd.class, members = "holdsGoAway")
    void clientThatAnnouncesThatItGoesGetsNoAnswer() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.get("/until/release");
            trail.await("until release");
            client.send(Http2Client.goAway());
            server.nextConnection().awaitEnd();
            trail.add("release");
            client.awaitEnd();
            assertFalse(client.hasEnded(id));
        }
    }

    /** What comes next from the client ends it, with all that is in flight. */
    @Test
    @WorkedAroundBy(value = ConnectionEnd.class, members = {"close", "completed"})
    void connectionThatIsClosedGentlyEndsAtTheNextFrame() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.get("/until/release");
            trail.await("until release");
            PlainServer.Connection connection = server.nextConnection();
            connection.itself().close(false);
            client.send(Http2Client.windowUpdate(id, 1000));
            connection.awaitEnd();
            trail.add("release");
            client.awaitEnd();
            assertFalse(client.hasEnded(id));
        }
    }

    @Test
    @WorkedAroundBy(value = ConnectionEnd.class, members = "close")
    void answeredUploadIsInFlightUntilItsClientHasEndedIt() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            client.answer(client.post("/next"));
            client.ping();
            assertFalse(((InterruptableTask<?>) server.nextConnection().itself()).canInterrupt());
        }
    }

    @Test
    @WorkedAroundBy(value = WatchedHttp1Connection.class, members = "canInterrupt")
    void upgradedConnectionIsInterruptedByAGracefulStop() {
        try (PlainServer server = start(Http2Config.create());
                Http2Client client = Http2Opening.upgrade(server.port(), "/until/release")) {
            trail.await("until release");
            assertTrue(((InterruptableTask<?>) server.nextConnection().itself()).canInterrupt());
            trail.add("release");
            assertEquals("until release", client.answer(1).text());
        }
    }

    @Test
    @WorkedAroundBy(value = Http2Routing.class, members = "route")
    void malformedRequestGetsNoResponse() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.get("/malformed");
            trail.await("malformed");
            client.answer(client.get("/next"));
            client.ping();
            assertFalse(client.hasEnded(id));
        }
    }

    @Test
    @WorkedAroundBy(value = Http2Routing.class, members = "route")
    void errorHandlerThatThrowsGivesNoResponse() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            int id = client.get("/badly-handled");
            trail.await("badly handled");
            client.answer(client.get("/next"));
            client.ping();
            assertFalse(client.hasEnded(id));
        }
    }

    /** A client may repeat what is newer than the stream that GOAWAY names. */
    @Test
    @WorkedAroundBy(value = ConnectionEnd.class, members = "goAwayByHelidon")
    void errorOfTheConnectionTakesBackItsRequests() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            assertEquals("next", client.answer(client.get("/next")).text());
            int wrong = client.newStream();
            client.send(Http2Client.headers(wrong, HeaderBlock.request("GET", "/next").field("X-Upper-Case", "wrong"), true));
            assertEquals(PROTOCOL_ERROR, client.awaitGoAway());
            assertEquals(0, client.goAwayLastStream());
        }
    }

    @Test
    @WorkedAroundBy(value = {Http2Limits.class, Http2Routing.class}, members = {"forHelidon", "validatePath"})
    void invalidPathEndsTheConnection() {
        try (PlainServer server = start(Http2Config.create()); Http2Client client = server.connectHttp2()) {
            assertEquals("next", client.answer(client.get("/next")).text());
            client.get("/a|b");
            assertEquals(INTERNAL_ERROR, client.awaitGoAway());
        }
    }

    @Test
    @WorkedAroundBy(value = WatchedHttp2Upgrader.class, members = "settings")
    void upgradeWithoutSettingsFails() {
        try (PlainServer server = start(Http2Config.create()); RawClient client = server.connect()) {
            client.get("/next", "Connection: Upgrade, HTTP2-Settings\r\n", "Upgrade: h2c\r\n");
            assertEquals(500, client.read().status());
        }
    }

    /** The request of the upgrade asks for no permit; those behind it do. */
    @Test
    @WorkedAroundBy(value = Http2Routing.class, members = "permitted")
    void requestOfAnUpgradeTakesNoPermit() {
        try (PlainServer server = PlainServer.builder()
                .server(config -> config.concurrencyLimit(new RecordingLimit(trail)))
                .start(routing -> routing.get("/next", (request, response) -> {
                    trail.add("next");
                    response.send("next");
                }));
                Http2Client client = Http2Opening.upgrade(server.port(), "/next")) {
            assertEquals("next", client.answer(1).text());
            assertEquals("next", client.answer(client.get("/next")).text());
            trail.await("success");
            assertEquals(List.of("next", "acquired", "next", "success"), trail.events());
        }
    }

    private static int resetByTheServer(Http2Client client) {
        int id = client.get("/until/release");
        client.send(Http2Client.windowUpdate(id, 0));
        return id;
    }

    /** Also of a stream that was reset. */
    private static String answerOf(Http2Client client, int id) {
        Await.until("the answer to " + id, () -> client.hasEnded(id));
        return client.soFar(id).text();
    }

    @Test
    @WorkedAroundBy(value = Http2Limits.class, members = "forHelidon")
    void streamWithAnUnknownEncodingCountsAsOpenForEver() {
        Http2Config config = Http2Config.builder().maxConcurrentStreams(2).buildPrototype();
        try (PlainServer server = PlainServer.builder().http2(config)
                .server(it -> it.contentEncoding(encodings -> encodings.addContentEncoding(Encoding.GZIP)))
                .start(routing -> routing.any("/next", (request, response) -> response.send("next")));
                Http2Client client = server.connectHttp2()) {
            for (int i = 0; i < 2; i++) {
                // Helidon's response to it has no status
                int id = client.get("/next", "content-encoding", "unknown");
                Await.until("it has its response", () -> client.hasEnded(id));
            }
            Await.until("their threads have ended", () -> Usage.streamThreads() == 0);
            client.get("/next");
            assertEquals(REFUSED_STREAM, client.awaitGoAway());
        }
    }

    private PlainServer start(Http2Config config) {
        return PlainServer.builder().http2(config).start(routing -> routing
                .any("/until/{event}", (request, response) -> {
                    String event = request.path().pathParameters().get("event");
                    trail.add("until " + event);
                    trail.await(event);
                    response.send("until " + event);
                })
                .any("/malformed", (request, response) -> {
                    trail.add("malformed");
                    throw new BadRequestException("malformed");
                })
                .any("/badly-handled", (request, response) -> {
                    throw new ArithmeticException();
                })
                .error(ArithmeticException.class, (request, response, e) -> {
                    trail.add("badly handled");
                    throw new ForbiddenException("of the error handler");
                })
                .any("/next", (request, response) -> response.send("next")));
    }
}
