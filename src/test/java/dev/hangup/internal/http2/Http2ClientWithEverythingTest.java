package dev.hangup.internal.http2;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.function.BiConsumer;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A client that has its whole response has not left: its reset of the stream, or the connection's end, is of no account. */
class Http2ClientWithEverythingTest {
    private static final int LENGTH = 100_000;
    private static final int NO_ERROR = 0;

    private final Trail trail = new Trail();

    /** How a client leaves that has everything. */
    enum Way {
        CANCEL((client, id) -> client.send(Http2Client.reset(id))),
        RESET_WITHOUT_ERROR((client, id) -> client.send(Http2Client.frame(3, 0, id, new byte[] {0, 0, 0, NO_ERROR}))),
        END((client, id) -> client.socket().leave()),
        ABRUPT_END((client, id) -> client.socket().reset());

        private final BiConsumer<Http2Client, Integer> leave;

        Way(BiConsumer<Http2Client, Integer> leave) {
            this.leave = leave;
        }

        boolean endsConnection() {
            return this == END || this == ABRUPT_END;
        }
    }

    @ParameterizedTest
    @EnumSource
    void leavesWithTheLastByteOfTheContent(Way way) {
        isDone(Http2Opening.PRIOR_KNOWLEDGE, way, false);
    }

    @ParameterizedTest
    @EnumSource
    void leavesWithTheEndOfTheStream(Way way) {
        isDone(Http2Opening.PRIOR_KNOWLEDGE, way, true);
    }

    @ParameterizedTest
    @EnumSource
    void overTls(Way way) {
        isDone(Http2Opening.ALPN, way, false);
    }

    @ParameterizedTest
    @EnumSource
    void overAConnectionThatWasUpgraded(Way way) {
        isDone(Http2Opening.UPGRADE, way, false);
    }

    /** Its last frames are written after the client's reset, and nobody is told of any trouble. */
    @Test
    void otherStreamsGoOn() {
        try (TestServer server = start(Http2Opening.PRIOR_KNOWLEDGE, written());
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            for (int i = 1; i <= 10; i++) {
                int id = client.get("/work");
                client.awaitBytes(id, LENGTH);
                client.send(Http2Client.reset(id));
                client.ping();
                trail.add("noticed");
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
                assertEquals("next", client.answer(client.get("/next")).text());
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            }
        }
    }

    @Test
    void cleanUpThatOutlastsItsDeadlineIsStopped() {
        try (TestServer server = start(Http2Opening.PRIOR_KNOWLEDGE, (request, response) -> {
            writeWhole(response);
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            assertEquals(LENGTH, client.answer(client.get("/work")).body().length);
            assertEquals(List.of("started", "interrupted"), trail.events());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    /** There, Helidon's routing is a part of the work. */
    @Test
    void cleanUpThatOutlastsItsDeadlineIsStoppedUnderPathsToo() {
        try (TestServer server = TestServer.start(Http2Opening.PRIOR_KNOWLEDGE::configure,
                    hangup -> hangup.addPath(HangupPathConfig.builder().path("/work").build()),
                    routing -> routing.get("/work", (request, response) -> {
                        writeWhole(response);
                        Time.isUp(request, response);
                        trail.workUntilInterrupted();
                    }));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            assertEquals(LENGTH, client.answer(client.get("/work")).body().length);
        }
    }

    @Test
    void responseEndsBeforeItsUploadIsResetHoweverLongTheCleanUpTakes() {
        try (TestServer server = start(Http2Opening.PRIOR_KNOWLEDGE, (request, response) -> {
            writeWhole(response);
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("released");
        }); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post("/work");
            client.awaitBytes(id, LENGTH);
            trail.await("interrupted");
            client.ping();
            client.ping();
            trail.add("released");
            assertEquals(LENGTH, client.answer(id).body().length);
            assertEquals(NO_ERROR, client.awaitReset(id));
        }
    }

    /** Some clients do not deliver a response before their stream is reset, and drop it if the code says that something failed. */
    @Test
    void cleanUpThatOutlastsItsDeadlineBesideAnUploadIsStopped() {
        try (TestServer server = start(Http2Opening.PRIOR_KNOWLEDGE, (request, response) -> {
            response.send("accepted");
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.post("/work");
            assertEquals("accepted", client.answer(id).text());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(NO_ERROR, client.awaitReset(id));
            assertEquals("next", client.answer(client.get("/next")).text());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void clientThatLacksAByteHasLeft(Way way) {
        hasLeft(way, LENGTH - 1, (request, response) -> {
            response.contentLength(LENGTH);
            OutputStream stream = response.outputStream();
            stream.write(new byte[LENGTH - 1]);
            stream.flush();
            trail.workUntilInterrupted();
        });
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void clientThatLacksTheEndOfContentOfUnknownLengthHasLeft(Way way) {
        hasLeft(way, LENGTH, (request, response) -> {
            OutputStream stream = response.outputStream();
            stream.write(new byte[LENGTH]);
            stream.flush();
            trail.workUntilInterrupted();
        });
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void clientThatLacksTheTrailersHasLeft(Way way) {
        hasLeft(way, LENGTH, (request, response) -> {
            response.header(HeaderValues.create(HeaderNames.TRAILER, "X-Sum")).contentLength(LENGTH);
            OutputStream stream = response.outputStream();
            stream.write(new byte[LENGTH]);
            stream.flush();
            trail.workUntilInterrupted();
        });
    }

    /** All of it was sent, but not written: the client's window is too small. */
    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void clientThatLeavesAmidAWholeResponseHasLeft(Way way) {
        try (TestServer server = start(Http2Opening.PRIOR_KNOWLEDGE, (request, response) -> {
            trail.add("started");
            response.send(new byte[10_000_000]);
        }); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port()).withoutCredit()) {
            int id = client.get("/work");
            client.awaitBytes(id, 65_535);
            way.leave.accept(client, id);
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private void isDone(Http2Opening opening, Way way, boolean endOfStream) {
        try (Logged trouble = Logged.trouble("");
                TestServer server = start(opening, endOfStream ? sent() : written());
                Http2Client client = opening.connect(server.port())) {
            Http2Work.awaitUpgrade(opening, client);
            int id = client.get("/work");
            trail.await("cleaning up");
            if (endOfStream) {
                assertEquals(LENGTH, client.answer(id).body().length);
            } else {
                client.awaitBytes(id, LENGTH);
            }
            way.leave.accept(client, id);
            if (way.endsConnection()) {
                Await.until("the server has read the end", () -> Usage.connectionThreads() == 0);
            } else {
                client.ping();
            }
            trail.add("noticed");
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertEquals(List.of("cleaning up", "noticed", "cleaned up"), trail.events());
            Await.until("streams' threads are gone", () -> Usage.streamThreads() == 0);
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    private void hasLeft(Way way, int read, Handler handler) {
        try (TestServer server = start(Http2Opening.PRIOR_KNOWLEDGE, handler);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.get("/work");
            trail.await("started");
            client.awaitBytes(id, read);
            way.leave.accept(client, id);
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private static void writeWhole(ServerResponse response) throws IOException {
        response.contentLength(LENGTH);
        OutputStream stream = response.outputStream();
        stream.write(new byte[LENGTH]);
        stream.flush();
    }

    private Handler written() {
        return (request, response) -> {
            response.contentLength(LENGTH);
            try (OutputStream stream = response.outputStream()) {
                for (int i = 0; i < 10; i++) {
                    stream.write(new byte[LENGTH / 10]);
                }
                stream.flush();
                cleanUp();
            }
        };
    }

    private Handler sent() {
        return (request, response) -> {
            response.send(new byte[LENGTH]);
            cleanUp();
        };
    }

    private void cleanUp() throws InterruptedException {
        trail.add("cleaning up");
        try {
            trail.awaitInterruptibly("noticed");
            trail.add("cleaned up");
        } catch (InterruptedException e) {
            trail.add("interrupted");
            throw e;
        }
    }

    private TestServer start(Http2Opening opening, Handler handler) {
        return Http2Work.start(opening, hangup -> { }, routing -> routing
                .any("/work", Hangup.cancellable(handler))
                .get("/next", Hangup.cancellable(request -> "next")));
    }
}
