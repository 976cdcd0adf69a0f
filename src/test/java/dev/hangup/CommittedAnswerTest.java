package dev.hangup;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What becomes of an answer that had begun when its work was stopped. */
class CommittedAnswerTest {
    private static final Duration SOME = Duration.ofMillis(300);

    private final Trail trail = new Trail();

    @Test
    void chunksEndWithoutTheLastOne() {
        String got = end(Outcome.DEADLINE_EXCEEDED, (request, response) -> {
            OutputStream stream = response.status(Status.ACCEPTED_202).outputStream();
            stream.write("abc".getBytes());
            stream.flush();
            stream.write("def".getBytes());
            stream.flush();
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        });
        assertTrue(got.startsWith("HTTP/1.1 202 Accepted\r\n"), got);
        assertTrue(got.contains("abc"), got);
        assertFalse(got.endsWith("0\r\n\r\n"), got);
    }

    @Test
    void contentEndsShortOfItsLength() {
        String got = end(Outcome.DEADLINE_EXCEEDED, (request, response) -> {
            response.status(Status.ACCEPTED_202).contentLength(10);
            OutputStream stream = response.outputStream();
            stream.write("abc".getBytes());
            stream.flush();
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("interrupted");
            stream.write("defghij".getBytes());
        });
        assertTrue(got.endsWith("\r\n\r\nabc"), got);
    }

    @Test
    void unresponsiveStreamIsNotFinishedByClosingIt() {
        String got = end(Outcome.DEADLINE_EXCEEDED, (request, response) -> {
            OutputStream stream = response.status(Status.ACCEPTED_202).outputStream();
            stream.write(new byte[10_000]);
            stream.flush();
            Time.isUp(request, response);
            trail.ignoreInterruptsUntil("interrupted");
            try {
                stream.write(new byte[10_000]);
            } catch (IOException e) {
                trail.add("write refused");
            }
            stream.close();
        });
        assertFalse(got.endsWith("0\r\n\r\n"), "ends with the last chunk");
        trail.await("write refused");
    }

    /** The listener runs when the work has acquired the response, before a byte of it is written. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD"})
    void deadlineThatPassesBeforeTheFirstByteIsAnsweredInPlaceOfTheWork(String method) {
        Trail filtered = new Trail();
        try (Logged trouble = Logged.trouble(""); TestServer server = TestServer.start(routing -> routing
                .addFilter((chain, request, response) -> {
                    try {
                        chain.proceed();
                    } finally {
                        filtered.add("status " + response.status().code());
                    }
                })
                .any("/work", Hangup.cancellable((request, response) -> {
                    response.beforeSend(() -> {
                        assertDoesNotThrow(() -> Time.isUp(request, response));
                        trail.ignoreInterruptsUntil("answered");
                    });
                    try {
                        response.status(Status.ACCEPTED_202).send("too late");
                    } finally {
                        trail.add("refused");
                    }
                })));
                RawClient client = server.connect()) {
            client.send(method + " /work HTTP/1.1\r\nHost: localhost\r\n\r\n");
            String head = client.readHead();
            assertTrue(head.startsWith("HTTP/1.1 503 Service Unavailable\r\n"), head);
            assertTrue(head.contains("\r\nRetry-After: 1\r\n"), head);
            assertFalse(trail.events().contains("refused"), "the work has ended");
            trail.add("answered");
            String body = new String(client.readToEnd(), StandardCharsets.US_ASCII);
            assertEquals(method.equals("GET"), body.endsWith("\"detail\":\"The deadline of this request has passed\"}\n"), body);
            trail.await("refused");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DEADLINE_EXCEEDED, end.outcome());
            assertEquals(503, end.status());
            assertFalse(end.decision().responseBegun(), "no byte of the work's response was written");
            // that of the response object, which belongs to the work
            filtered.await("status 202");
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Test
    @Tag("departure")
    void clientThatLeavesBeforeTheFirstByteHasAbandonedItsRequest() {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable((request, response) -> {
            response.beforeSend(() -> trail.ignoreInterruptsUntil("interrupted"));
            response.send("too late");
        }))); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.leave();
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertFalse(end.decision().responseBegun());
        }
    }

    @Test
    void writerThatIsBlockedOnASlowReaderIsEnded() {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", writingForEver()));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("write failed");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DEADLINE_EXCEEDED, end.outcome());
            assertEquals(202, end.status());
            String got = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
            assertTrue(got.startsWith("HTTP/1.1 202 Accepted\r\n"));
            assertFalse(got.endsWith("0\r\n\r\n"), "ends with the last chunk");
        }
    }

    @Test
    void writerOfAWholeAnswerThatIsBlockedOnASlowReaderIsEndedToo() {
        byte[] whole = new byte[40_000_000];
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable((request, response) -> {
            try {
                response.status(Status.ACCEPTED_202).send(whole);
                trail.add("written");
            } catch (CloseConnectionException | UncheckedIOException e) {
                trail.add("write failed");
                throw e;
            }
        }))); RawClient client = server.connect()) {
            client.get("/work");
            String begin = client.read("HTTP/1.1 202 Accepted\r\n".length());
            assertEquals("HTTP/1.1 202 Accepted\r\n", begin);
            Await.until("it is in flight", () -> !server.hangup().inFlight().isEmpty());
            assertTrue(server.hangup().cancel(server.hangup().inFlight().getFirst().request().id()));
            trail.await("write failed");
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.CANCELLED, end.outcome());
            assertEquals(202, end.status());
            assertTrue(client.readToEnd().length < whole.length, "The response is whole");
        }
    }

    @Test
    void workThatGoesOnAfterItsWholeAnswerIsStopped() {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable((request, response) -> {
            response.status(Status.ACCEPTED_202).send("done");
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }))); RawClient client = server.connect()) {
            client.get("/work");
            assertEquals("done", client.read().text());
            trail.await("interrupted");
            assertEquals("", new String(client.readToEnd()));
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DEADLINE_EXCEEDED, end.outcome());
            assertEquals(202, end.status());
        }
    }

    @Test
    void clientThatResetsWhileItIsWrittenToHasDisconnected() {
        try (Logged trouble = Logged.trouble("io.helidon");
                TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable((request, response) -> {
                    OutputStream stream = response.status(Status.ACCEPTED_202).outputStream();
                    while (true) {
                        stream.write(new byte[10_000]);
                        trail.add("written");
                    }
                })));
                RawClient client = server.connect()) {
            client.get("/work");
            trail.await("written", 10);
            client.reset();
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.DISCONNECTED, end.outcome());
            assertEquals(202, end.status());
            server.close();
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Test
    @Tag("departure")
    void clientThatLeavesInTheMiddleIsNoticed() {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable((request, response) -> {
            OutputStream stream = response.status(Status.ACCEPTED_202).outputStream();
            stream.write(new byte[10_000]);
            stream.flush();
            trail.workUntilInterrupted();
        }))); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.leave();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    // Helidon holds a first write back whatever its size, until a second one or a flush
    @ParameterizedTest
    @ValueSource(ints = {3, 4095, 4096, 4097, 100_000})
    void firstBytesOfAStreamThatAreHeldBackAreNoCommitment(int size) {
        try (TestServer server = TestServer.start(routing -> routing.get("/work", Hangup.cancellable((req, res) -> {
            OutputStream stream = res.status(Status.ACCEPTED_202).header("X-Loser", "1").outputStream();
            stream.write(new byte[size]);
            Time.isUp(req, res);
            trail.workUntilInterrupted();
        }))); RawClient client = server.connect()) {
            client.get("/work");
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertFalse(response.headers().containsKey("x-loser"));
            assertFalse(response.text().contains("\0"));
            assertEquals(503, server.nextEnd().status());
        }
    }

    private Handler writingForEver() {
        return Hangup.cancellable((request, response) -> {
            try {
                OutputStream stream = response.status(Status.ACCEPTED_202).outputStream();
                stream.write(new byte[100_000]);
                // or the decision could come between the claim to answer and the first byte
                stream.flush();
                Time.isUp(request, response);
                while (true) {
                    stream.write(new byte[100_000]);
                }
            } finally {
                trail.add("write failed");
            }
        });
    }

    private String end(Outcome outcome, Handler handler) {
        try (Logged trouble = Logged.trouble("io.helidon");
                TestServer server = TestServer.start(routing -> routing
                        .get("/work", Hangup.cancellable(handler)));
                RawClient client = server.connect()) {
            client.get("/work");
            String got = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
            RequestEnd end = server.nextEnd();
            assertEquals(outcome, end.outcome());
            assertEquals(202, end.status());
            assertEquals(List.of(), trouble.trail().events());
            return got;
        }
    }
}
