package dev.hangup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.client.OutgoingDeadline;
import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Responses that take longer than the server's default deadline, which was meant for computing, and what still ends them. */
@Execution(ExecutionMode.CONCURRENT)
class DownloadTest {
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final int PIECE = 16 * 1024;
    private static final int PIECES = 60;
    private static final int PAUSE_MILLIS = 60;
    private static final byte[] EXPORT = export();

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void isReadToItsEndByASlowReader(Transport transport) {
        try (TestServer server = start(transport); RawClient client = SlowReader.connect(transport, server.port())) {
            client.get("/export").readHead();
            StringBuilder got = new StringBuilder();
            for (String chunk = client.readChunk(); !chunk.isEmpty(); chunk = client.readChunk()) {
                got.append(chunk);
                SlowReader.pause(PAUSE_MILLIS);
            }
            assertArrayEquals(EXPORT, got.toString().getBytes(StandardCharsets.US_ASCII));
            assertCompletedLate(server.nextEnd());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/length", "/whole", "/path"})
    void howeverItIsSent(String path) {
        try (TestServer server = start(Transport.CLEAR); RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get(path).readHead();
            StringBuilder got = new StringBuilder();
            while (got.length() < EXPORT.length) {
                got.append(client.read(PIECE));
                SlowReader.pause(PAUSE_MILLIS);
            }
            assertArrayEquals(EXPORT, got.toString().getBytes(StandardCharsets.US_ASCII));
            assertCompletedLate(server.nextEnd());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UPGRADE")
    void overHttp2Too(Http2Opening opening) {
        try (TestServer server = TestServer.start(opening::configure, hangup -> hangup.deadline(DEADLINE), this::routing);
                Http2Client client = opening.connect(server.port())) {
            client.answer(client.get("/warm"));
            server.nextEnd();
            client.withoutCredit();
            int id = client.get("/export");
            for (int got = 65_535; got < EXPORT.length; got += PIECE) {
                client.awaitBytes(id, got);
                SlowReader.pause(PAUSE_MILLIS);
                client.send(Http2Client.windowUpdate(0, PIECE), Http2Client.windowUpdate(id, PIECE));
            }
            assertArrayEquals(EXPORT, client.answer(id).body());
            assertCompletedLate(server.nextEnd());
        }
    }

    @Test
    void producerMayTakeItsTime() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            assertEquals("beginend", client.get("/slow").read().text());
            assertCompletedLate(server.nextEnd());
        }
    }

    @Test
    void deadlineOfTheRouteCutsIt() {
        assertCut(Duration.ofMinutes(1), DEADLINE, "/route");
    }

    @Test
    void deadlineOfThePathCutsIt() {
        assertCut(Duration.ofMinutes(1), DEADLINE, "/bare");
    }

    @Test
    void deadlineThatTheClientAsksForCutsIt() {
        assertCut(Duration.ofMinutes(1), DEADLINE, "/work", "X-Request-Timeout-Ms: " + DEADLINE.toMillis() + "\r\n");
    }

    /** Before the response has begun, the client would not have got so long. */
    @Test
    void deadlineThatTheClientAsksForCutsItEvenIfLonger() {
        assertCut(DEADLINE, DEADLINE.multipliedBy(3), "/work", "X-Request-Timeout-Ms: " + 3 * DEADLINE.toMillis() + "\r\n");
    }

    @Test
    void deadlineThatTheClientAsksForIsBoundedByTheMaximum() {
        assertCut(DEADLINE, DEADLINE.multipliedBy(2), "/work", "X-Request-Timeout-Ms: 999999999999999999\r\n");
    }

    @Test
    void deadlineThatTheWorkSetsCutsIt() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/up").readHead();
            trail.await("interrupted");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void stopOfTheServerCutsIt() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/work").readHead();
            awaitLate(server);
            server.close();
            trail.await("interrupted");
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        }
    }

    @Test
    void operatorCutsIt() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/work").readHead();
            assertTrue(server.hangup().cancel(awaitLate(server).request().id()));
            trail.await("interrupted");
            assertEquals(Outcome.CANCELLED, server.nextEnd().outcome());
        }
    }

    @Tag("departure")
    @Test
    void departureCutsIt() {
        try (TestServer server = start(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/work").readHead();
            awaitLate(server);
            client.leave();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    /**
     * Its client may leave, and would not be noticed. The response begins before the work is watched, so that no deadline applies
     * from then on, and the limit of stalls is not looked at for minutes.
     */
    @ParameterizedTest
    @ValueSource(strings = {"/done", "/full"})
    void workThatGoesOnAfterItsWholeAnswerHasTheDefaultDeadlineOnceMore(String path) {
        try (TestServer server = TestServer.start(hangup -> hangup.deadline(DEADLINE).stallLimit(Duration.ofHours(1)),
                                                  this::routing).warm("/warm");
                RawClient client = server.connect()) {
            assertEquals("done", client.get(path).read().text());
            trail.await("interrupted");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DEADLINE_EXCEEDED, end.outcome());
            assertTrue(end.elapsed().compareTo(DEADLINE.multipliedBy(2)) >= 0, end.toString());
        }
    }

    @Test
    void withoutAWatcherTheDefaultDeadlineStays() {
        try (TestServer server = TestServer.start(hangup -> hangup.deadline(DEADLINE).watch(false), this::routing).warm("/warm");
                RawClient client = server.connect()) {
            client.get("/work").readHead();
            trail.await("interrupted");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void workHasNoDeadlineOnceItHasBegunItsAnswer() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            assertEquals("true false false", client.get("/asks").read().text());
            assertEquals("true true true", client.get("/asks", "X-Request-Timeout-Ms: 60000\r\n").read().text());
        }
    }

    private void assertCut(Duration byDefault, Duration after, String path, String... headers) {
        try (TestServer server = TestServer.start(hangup -> hangup.deadline(byDefault).maxDeadline(after.compareTo(byDefault) > 0
                ? after
                : byDefault).addPath(HangupPathConfig.builder().path("/bare").deadline(DEADLINE).build()), this::routing)
                .warm("/warm");
                RawClient client = server.connect()) {
            client.get(path, headers).readHead();
            trail.await("interrupted");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DEADLINE_EXCEEDED, end.outcome());
            assertTrue(end.elapsed().compareTo(after) >= 0, end.toString());
        }
    }

    private static void assertCompletedLate(RequestEnd end) {
        assertEquals(Outcome.COMPLETED, end.outcome());
        assertTrue(end.elapsed().compareTo(DEADLINE) > 0, "The deadline would not have passed: " + end);
    }

    /** The default deadline has passed, and no deadline applies. */
    private InFlightRequest awaitLate(TestServer server) {
        Await.until("the deadline has passed", () -> server.hangup().inFlight().stream()
                .anyMatch(it -> it.remaining().isEmpty() && it.elapsed().compareTo(DEADLINE.multipliedBy(2)) > 0));
        assertEquals(List.of("started"), trail.events());
        return server.hangup().inFlight().getFirst();
    }

    private TestServer start(Transport transport) {
        return TestServer.start(transport, SlowReader::configure, hangup -> hangup.deadline(DEADLINE)
                .addPath(HangupPathConfig.builder().path("/path").build()), this::routing).warm("/warm");
    }

    private void routing(HttpRouting.Builder routing) {
        // as in the README
        routing.get("/warm", Hangup.cancellable((request, response) -> write(response.outputStream())))
                .get("/export", Hangup.cancellable((request, response) -> write(response.outputStream())))
                .get("/length", Hangup.cancellable(DownloadTest::withLength))
                .get("/path", DownloadTest::withLength)
                .get("/whole", Hangup.cancellable((request, response) -> response.send(EXPORT)))
                .get("/slow", Hangup.cancellable(DownloadTest::slow))
                .get("/work", Hangup.cancellable(this::work))
                .get("/route", Hangup.cancellable(DEADLINE, this::work))
                .get("/bare", this::work)
                .get("/asks", Hangup.cancellable(DownloadTest::asks))
                .get("/up", Hangup.cancellable((request, response) -> {
                    begin(response);
                    TimeUnit.NANOSECONDS.sleep(DEADLINE.multipliedBy(2).toNanos());
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))
                .get("/full", Hangup.cancellable((request, response) -> {
                    response.headers().contentLength("done".length());
                    OutputStream stream = response.outputStream();
                    stream.write("done".getBytes(StandardCharsets.US_ASCII));
                    stream.flush();
                    trail.workUntilInterrupted();
                }))
                .get("/done", Hangup.cancellable((request, response) -> {
                    response.send("done");
                    trail.workUntilInterrupted();
                }));
    }

    private void work(ServerRequest request, ServerResponse response) throws Exception {
        begin(response);
        trail.workUntilInterrupted();
    }

    private static OutputStream begin(ServerResponse response) throws IOException {
        OutputStream stream = response.outputStream();
        stream.write("begin".getBytes(StandardCharsets.US_ASCII));
        stream.flush();
        return stream;
    }

    private static void slow(ServerRequest request, ServerResponse response) throws Exception {
        OutputStream stream = begin(response);
        TimeUnit.NANOSECONDS.sleep(DEADLINE.multipliedBy(2).toNanos());
        stream.write("end".getBytes(StandardCharsets.US_ASCII));
    }

    private static void asks(ServerRequest request, ServerResponse response) throws Exception {
        boolean before = Deadline.current().isPresent();
        OutputStream stream = response.outputStream();
        stream.write((before + " ").getBytes(StandardCharsets.US_ASCII));
        stream.flush();
        stream.write((Deadline.current().isPresent() + " " + OutgoingDeadline.millis().isPresent())
                             .getBytes(StandardCharsets.US_ASCII));
    }

    private static void withLength(ServerRequest request, ServerResponse response) throws IOException {
        response.headers().contentLength(EXPORT.length);
        write(response.outputStream());
    }

    private static void write(OutputStream stream) throws IOException {
        try (stream) {
            for (int at = 0; at < EXPORT.length; at += PIECE) {
                stream.write(EXPORT, at, PIECE);
            }
        }
    }

    private static byte[] export() {
        byte[] export = new byte[PIECES * PIECE];
        for (int i = 0; i < export.length; i++) {
            export[i] = (byte) ('a' + (i + i / PIECE) % 26);
        }
        return export;
    }
}
