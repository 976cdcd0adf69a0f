package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is stopped on an HTTP/2 connection is one stream; the others, and those to come, are none the worse for it. */
class Http2GoingOnTest {
    private static final String DEADLINE = "x-request-timeout-ms";
    private static final int NO_ERROR = 0;
    private static final int REFUSED_STREAM = 7;
    private static final int CANCEL = 8;
    private static final int WINDOW = 1024 * 1024;

    private static final byte[] DOWNLOAD = download();
    /** What a slow reader has yet to read when the handler ends: less than may be queued in the server. */
    private static final int REST = 60_000;

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void deadlineIsAnsweredOnItsStream(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int other = client.get("/until/release");
            Http2Client.Answer answer = client.answer(client.get("/work/one", DEADLINE, "50"));
            assertEquals(503, answer.status());
            assertEquals("1", answer.headers().get("retry-after"));
            assertTrue(answer.text().contains("deadline"), answer.text());
            assertFalse(answer.headers().containsKey("connection"), answer.headers().toString());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd(it -> it.route().startsWith("/work")).outcome());
            trail.add("release");
            assertEquals("until release", client.answer(other).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void deadlineOfAnUploadTellsTheClientToStop(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int id = client.post("/work/one", DEADLINE, "50");
            client.send(Http2Client.data(id, new byte[1000], false));
            assertEquals(503, client.answer(id).status());
            assertEquals(NO_ERROR, client.awaitReset(id));
            // a client that has not heard of it yet
            client.send(Http2Client.data(id, new byte[1000], true));
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void abortAfterTheFirstByteIsAReset(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, hangup -> { }, routing -> routing
                .get("/begun", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write("first".getBytes());
                    stream.flush();
                    stream.write("second".getBytes());
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))
                .get("/next", Hangup.cancellable(request -> "next")));
                Http2Client client = opening.connect(server.port())) {
            int id = client.get("/begun");
            assertEquals(CANCEL, client.awaitReset(id));
            assertEquals("firstsecond", client.soFar(id).text());
            trail.await("interrupted");
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @ParameterizedTest
    @EnumSource
    void unresponsiveStreamHoldsUpNobody(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int unresponsive = client.get("/unresponsive?late");
            assertEquals(503, client.answer(unresponsive).status());
            trail.await("interrupted");
            assertEquals("next", client.answer(client.get("/next")).text());
            trail.add("release");
            assertEquals(503, server.nextEnd(it -> it.route().equals("/unresponsive")).status());
        }
    }

    /** Helidon stops reading the connection when a stream has 32 frames that it does not take. */
    @ParameterizedTest
    @EnumSource
    void unresponsiveStreamWithAFullQueueHoldsUpNobodyOnceItIsAnswered(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail, routing -> routing
                .post("/until-sent", Hangup.cancellable((request, response) -> {
                    trail.add("begun");
                    trail.await("sent");
                    // time enough for Helidon to fill the stream's queue
                    TimeUnit.MILLISECONDS.sleep(200);
                    Time.isUp(request, response);
                    trail.ignoreInterruptsUntil("release");
                })));
                Http2Client client = opening.connect(server.port())) {
            int unresponsive = client.post("/until-sent");
            trail.await("begun");
            for (int i = 0; i < 64; i++) {
                client.send(Http2Client.data(unresponsive, new byte[WINDOW / 64], false));
            }
            int next = client.get("/next");
            trail.add("sent");
            assertEquals(503, client.answer(unresponsive).status());
            assertEquals("next", client.answer(next).text());
            trail.add("release");
        }
    }

    /** What a client sends for streams that have lost is given back to it, to the byte. */
    @Test
    void uploadsThatWereStoppedLeaveTheConnectionsWindowOpen() {
        try (TestServer server = Http2Work.start(Http2Opening.PRIOR_KNOWLEDGE, hangup -> { }, routing -> routing
                .post("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .post("/take", Hangup.cancellable(request -> String.valueOf(request.content().as(byte[].class).length))));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            for (int i = 0; i < 20; i++) {
                int id = client.post("/work", DEADLINE, "20");
                client.send(Http2Client.data(id, new byte[16 * 1024], false), Http2Client.data(id, new byte[9], false));
                if (i % 2 == 0) {
                    client.answer(id);
                    client.awaitReset(id);
                } else {
                    client.send(Http2Client.reset(id));
                }
            }
            int id = client.post("/take");
            for (int sent = 0; sent < WINDOW; sent += 16 * 1024) {
                client.awaitCredit(id, 16 * 1024);
                client.send(Http2Client.data(id, new byte[16 * 1024], sent + 16 * 1024 == WINDOW));
            }
            assertEquals(String.valueOf(WINDOW), client.answer(id).text());
        }
    }

    /** What was written for streams that have lost is not held against the others, to the byte. */
    @Test
    void answersThatWereAbortedLeaveTheClientsWindowOpen() {
        try (TestServer server = Http2Work.start(Http2Opening.PRIOR_KNOWLEDGE, hangup -> { }, routing -> routing
                .get("/endless", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    for (int i = 0; true; i++) {
                        stream.write(new byte[1000]);
                        if (i == 30 && request.query().contains("limited")) {
                            Time.isUp(request, response);
                        }
                    }
                }))
                .get("/some", Hangup.cancellable((request, response) -> response.send(new byte[60_000]))));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            for (int i = 0; i < 50; i++) {
                client.awaitReset(client.get("/endless?limited"));
            }
            for (int i = 0; i < 50; i++) {
                int id = client.get("/endless");
                client.awaitBytes(id, 30_000);
                client.send(Http2Client.reset(id));
            }
            assertEquals(60_000, client.answer(client.get("/some")).body().length);
        }
    }

    @ParameterizedTest
    @EnumSource
    void streamsThatAreStoppedInTheMiddleOfWritingSpoilNoOther(Http2Opening opening) {
        byte[] entity = new byte[300_000];
        for (int i = 0; i < entity.length; i++) {
            entity[i] = (byte) (i * 31 >> 3);
        }
        try (TestServer server = Http2Work.start(opening, hangup -> { }, routing -> routing
                .get("/stream", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    for (int at = 0; at < entity.length; at += 1500) {
                        stream.write(entity, at, 1500);
                    }
                    stream.close();
                })));
                Http2Client client = opening.connect(server.port())) {
            for (int round = 0; round < 10; round++) {
                List<Integer> whole = new ArrayList<>();
                List<Integer> cut = new ArrayList<>();
                for (int i = 0; i < 5; i++) {
                    whole.add(client.get("/stream"));
                    cut.add(client.get("/stream"));
                }
                for (int i = 0; i < cut.size(); i++) {
                    client.awaitBytes(cut.get(i), 1 + 40_000 * i);
                    client.send(Http2Client.reset(cut.get(i)));
                }
                whole.forEach(id -> assertArrayEquals(entity, client.answer(id).body()));
                for (int id : cut) {
                    byte[] part = client.soFar(id).body();
                    assertArrayEquals(Arrays.copyOf(entity, part.length), part);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientThatAnnouncesItsGoingGetsTheAnswersThatItWaitsFor(Http2Opening opening) {
        try (TestServer server = Http2Work.start(opening, trail); Http2Client client = opening.connect(server.port())) {
            int one = client.get("/until/release");
            int two = client.get("/until/release");
            trail.await("until release", 2);
            client.send(Http2Client.goAway());
            // Helidon has read all that came before this is answered
            assertEquals("next", client.answer(client.get("/next")).text());
            trail.add("release");
            assertEquals("until release", client.answer(one).text());
            assertEquals("until release", client.answer(two).text());
            client.awaitEnd();
        }
    }

    @Test
    void bodyThatBreaksOffIsNotTakenForTheWhole() {
        try (TestServer server = Http2Work.start(Http2Opening.PRIOR_KNOWLEDGE, hangup -> { }, routing -> routing
                .post("/store", Hangup.cancellable((request, response) -> {
                    trail.add("started");
                    try {
                        InputStream body = request.content().inputStream();
                        body.readNBytes("half".length());
                        if (request.query().contains("late")) {
                            Time.isUp(request, response);
                        }
                        trail.add("stored, with the rest of " + body.readAllBytes().length);
                    } catch (IOException | RuntimeException e) {
                        // the end of the body and the interrupt come in either order
                        trail.add("refused");
                        throw e;
                    }
                })));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post("/store");
            client.send(Http2Client.data(id, "half".getBytes(), false));
            trail.await("started");
            client.send(Http2Client.reset(id));
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            id = client.post("/store?late");
            client.send(Http2Client.data(id, "half".getBytes(), false));
            assertEquals(503, client.answer(id).status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(List.of("started", "refused", "started", "refused"), trail.events());
        }
    }

    @Test
    void unreadBodyThatArrivesIsNoHindrance() {
        try (TestServer server = Http2Work.start(Http2Opening.PRIOR_KNOWLEDGE, trail);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post("/until/release");
            trail.await("until release");
            for (int i = 0; i < 64; i++) {
                client.send(Http2Client.data(id, new byte[WINDOW / 64], i == 63));
            }
            trail.add("release");
            assertEquals("until release", client.answer(id).text());
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @Test
    void stoppingServerLetsStreamsEndAndSaysThatItGoes() throws Exception {
        try (TestServer server = start(Duration.ofSeconds(20), Duration.ofSeconds(25));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.get("/until/release");
            trail.await("until release");
            Thread stopping = Thread.ofVirtual().start(server::close);
            client.awaitGoAway();
            trail.add("release");
            assertEquals("until release", client.answer(id).text());
            client.awaitEnd();
            stopping.join();
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    /** What was written last may lie in queues and the sockets' buffers when the handler ends. */
    @ParameterizedTest
    @EnumSource
    void stoppingServerLetsASlowReaderHaveTheWholeResponse(Http2Opening opening) throws Exception {
        try (Logged trouble = Logged.trouble("io.helidon");
                TestServer server = startDownloads(opening);
                Http2Client client = connectSlowly(opening, server.port())) {
            int id = client.get("/download/release");
            client.pauseReadingAt(id, DOWNLOAD.length - REST);
            client.awaitBytes(id, DOWNLOAD.length / 2);
            Thread stopping = Thread.ofVirtual().start(server::close);
            assertEquals(NO_ERROR, client.awaitGoAway());
            trail.add("release");
            assertEquals(Outcome.COMPLETED, server.nextEnd(it -> it.route().startsWith("/download")).outcome());
            assertWholeForASlowReader(client, id);
            stopping.join();
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    /** The same, if the handler has ended before the server stops. */
    @ParameterizedTest
    @EnumSource
    void serverThatStopsAfterAResponseWasWrittenLetsASlowReaderHaveAllOfIt(Http2Opening opening) throws Exception {
        try (Logged trouble = Logged.trouble("io.helidon.webserver.ConnectionHandler");
                TestServer server = startDownloads(opening);
                Http2Client client = connectSlowly(opening, server.port())) {
            trail.add("release");
            int id = client.get("/download/release");
            client.pauseReadingAt(id, DOWNLOAD.length - REST);
            assertEquals(Outcome.COMPLETED, server.nextEnd(it -> it.route().startsWith("/download")).outcome());
            client.awaitBytes(id, DOWNLOAD.length - REST);
            int port = server.port();
            Thread stopping = Thread.ofVirtual().start(server::close);
            Await.until("the listener is closed", () -> refusesConnections(port));
            assertWholeForASlowReader(client, id);
            stopping.join();
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    /** Some clients do not deliver the response before that. */
    @Test
    void stoppingServerTellsAClientThatItNeedNotSendTheRestOfItsUpload() throws Exception {
        try (TestServer server = start(Duration.ofSeconds(20), Duration.ofSeconds(25));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post("/until/release");
            trail.await("until release");
            Thread stopping = Thread.ofVirtual().start(server::close);
            client.awaitGoAway();
            trail.add("release");
            assertEquals("until release", client.answer(id).text());
            assertEquals(NO_ERROR, client.awaitReset(id));
            client.awaitEnd();
            assertEquals(id, client.goAwayLastStream());
            stopping.join();
        }
    }

    private static boolean refusesConnections(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    private static void assertWholeForASlowReader(Http2Client client, int id) {
        // longer than what is left is written for, if the connection ends without waiting for the client
        SlowReader.pause(500);
        client.resumeReading();
        assertArrayEquals(DOWNLOAD, client.answer(id).body());
        client.awaitEnd();
        assertEquals(NO_ERROR, client.awaitGoAway());
        assertEquals(id, client.goAwayLastStream());
    }

    private TestServer startDownloads(Http2Opening opening) {
        return TestServer.start(server -> {
            SlowReader.configure(server);
            opening.configure(server);
            server.shutdownGracePeriod(Duration.ofSeconds(25));
        }, hangup -> hangup.drain(Duration.ofSeconds(20)), routing -> routing
                .get("/upgrade", (request, response) -> response.send())
                .get("/download/{event}", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.outputStream();
                    stream.write(DOWNLOAD, 0, DOWNLOAD.length / 2);
                    stream.flush();
                    trail.await(request.path().pathParameters().get("event"));
                    stream.write(DOWNLOAD, DOWNLOAD.length / 2, DOWNLOAD.length - DOWNLOAD.length / 2);
                    stream.close();
                })));
    }

    /** A client that takes little ahead, but allows the server to send more than that. */
    private static Http2Client connectSlowly(Http2Opening opening, int port) {
        RawClient socket = SlowReader.connect(opening, port);
        Http2Client client = opening == Http2Opening.UPGRADE ? Http2Opening.upgrade(socket, "/upgrade") : Http2Client.over(socket);
        Http2Work.awaitUpgrade(opening, client);
        return client.send(Http2Client.settings(4, WINDOW), Http2Client.windowUpdate(0, WINDOW));
    }

    @Test
    void stoppingServerAnswersStreamsThatDoNotEnd() {
        try (TestServer server = start(Duration.ofMillis(50), Duration.ofSeconds(25));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.get("/work/one");
            int upload = client.post("/work/two");
            trail.await("one");
            trail.await("two");
            server.close();
            assertEquals(503, client.answer(id).status());
            assertEquals(503, client.answer(upload).status());
            client.awaitEnd();
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    @Test
    void stoppingServerClosesConnectionsWithoutStreams() {
        try (TestServer server = start(Duration.ofSeconds(20), Duration.ofSeconds(25));
                Http2Client used = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port());
                Http2Client unused = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            used.answer(used.get("/next"));
            server.close();
            used.awaitGoAway();
            used.awaitEnd();
            unused.awaitEnd();
        }
    }

    /** The last GOAWAY says that these requests were not processed, so that the client may repeat them elsewhere. */
    @ParameterizedTest
    @EnumSource
    void requestsBehindTheGoAwayOfAStoppingServerDoNotRun(Http2Opening opening) throws Exception {
        try (TestServer server = TestServer.start(it -> {
            opening.configure(it);
            it.shutdownGracePeriod(Duration.ofSeconds(25));
        }, hangup -> hangup.drain(Duration.ofSeconds(20)).lingeringClose(Duration.ofSeconds(20)), this::route);
                Http2Client client = opening.connect(server.port())) {
            int last = client.get("/next");
            assertEquals("next", client.answer(last).text());
            client.holdPings();
            Thread stopping = Thread.ofVirtual().start(server::close);
            assertRequestsBehindTheLastGoAwayDoNotRun(client, last);
            stopping.join();
            assertEquals(List.of(), trail.events());
        }
    }

    /** The server also stops meanwhile, which must not take back what the client was told. */
    @Test
    void requestsBehindTheGoAwayOfAnIdleConnectionDoNotRun() throws Exception {
        // shorter, it could be over before the request, which a slow machine takes its time to begin
        Duration idle = Duration.ofSeconds(2);
        try (TestServer server = TestServer.start(it -> it.idleConnectionTimeout(idle)
                .idleConnectionPeriod(Duration.ofMillis(50))
                .shutdownGracePeriod(Duration.ofSeconds(25)),
                hangup -> hangup.drain(Duration.ofSeconds(20)).lingeringClose(Duration.ofSeconds(20)), this::route);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.holdPings();
            int last = client.get("/next");
            assertEquals("next", client.answer(last).text());
            assertEquals(NO_ERROR, client.awaitGoAway());
            int late = client.get("/until/release");
            int port = server.port();
            Thread stopping = Thread.ofVirtual().start(server::close);
            Await.until("the listener is closed", () -> refusesConnections(port));
            assertEquals(REFUSED_STREAM, assertNoResponse(client, late));
            assertRequestsBehindTheLastGoAwayDoNotRun(client, last);
            stopping.join();
            assertEquals(List.of(), trail.events());
        }
    }

    private static void assertRequestsBehindTheLastGoAwayDoNotRun(Http2Client client, int last) {
        // maybe not the first, as the server may have written the response, but not be done with it
        Await.until("the last GOAWAY", () -> client.goAwayLastStream() == last);
        // more than a client may have refused otherwise
        for (int i = 0; i < 60; i++) {
            int late = client.post("/until/release");
            assertEquals(REFUSED_STREAM, assertNoResponse(client, late));
            // under way when the client is told
            client.send(i % 2 == 0 ? Http2Client.data(late, new byte[1000], true) : Http2Client.reset(late));
        }
        client.answerPing();
        client.awaitEnd();
        assertEquals(NO_ERROR, client.awaitGoAway());
        assertEquals(last, client.goAwayLastStream());
    }

    /** The error code with which the server resets a stream. */
    private static int assertNoResponse(Http2Client client, int id) {
        assertEquals(0, client.answerOrReset(id).status());
        return client.awaitReset(id);
    }

    private static byte[] download() {
        byte[] bytes = new byte[5 * WINDOW];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 >> 3);
        }
        return bytes;
    }

    private TestServer start(Duration drain, Duration grace) {
        return TestServer.start(server -> server.shutdownGracePeriod(grace), hangup -> hangup.drain(drain), this::route);
    }

    private void route(HttpRouting.Builder routing) {
        routing.get("/upgrade", (request, response) -> response.send())
                .any("/work/{name}", Hangup.cancellable((request, response) -> {
                    trail.add(request.path().pathParameters().get("name"));
                    trail.workUntilInterrupted();
                }))
                .any("/until/{event}", Hangup.cancellable(request -> {
                    trail.add("until " + request.path().pathParameters().get("event"));
                    trail.await(request.path().pathParameters().get("event"));
                    return "until release";
                }))
                .get("/next", Hangup.cancellable(request -> "next"));
    }
}
