package dev.hangup.internal.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

/** The client ends its side of the connection and reads on; that counts as leaving unless it is tolerated. */
class HalfCloseTest {
    private static final byte[] LARGE = new byte[10 * 1024 * 1024];

    static {
        new Random(42).nextBytes(LARGE);
    }

    private final Trail trail = new Trail();

    static List<String> partsOfRequests() {
        return List.of("Content-Length: 10\r\n\r\n",
                       "Content-Length: 10\r\n\r\n012345678",
                       "Content-Length: 10\r\nExpect: 100-continue\r\n\r\n",
                       "Transfer-Encoding: chunked\r\n\r\n",
                       "Transfer-Encoding: chunked\r\n\r\n3\r\nab",
                       "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
                       "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n");
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void countsAsLeaving(Transport transport) {
        try (TestServer server = TestServer.start(transport, this::routing); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.endOutput();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TLS_1_2")
    void isToleratedAndAnswered(Transport transport) {
        try (TestServer server = tolerant(transport); RawClient client = server.connect()) {
            client.get("/unresponsive");
            endOutput(client);
            trail.add("release");
            assertEquals("done", client.read().text());
            assertEquals(0, client.readToEnd().length);
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertEquals(List.of("started", "release", "released"), trail.events());
        }
    }

    /** The end of such a body was once looked for without end: on the request's thread, or with a lock that timers need. */
    @ParameterizedTest
    @ValueSource(strings = {"8000000000000000", "80000000fffffffe", "123456789abcdef0123456789abcdef012345678"})
    void chunkOfAnySizeIsTaken(String size) {
        String head = "POST /work HTTP/1.1\r\nHost: localhost\r\nX-Request-Timeout-Ms: soon\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (TestServer server = TestServer.start(it -> it.tolerateHalfClose(true).deadline(Duration.ofMillis(300)), this::routing);
                RawClient atOnce = server.connect(); RawClient later = server.connect(); RawClient other = server.connect()) {
            atOnce.send(head + size + "\r\nabc");
            assertEquals(400, atOnce.read().status());
            later.send(head);
            assertEquals(400, later.read().status());
            later.send(size + "\r\nabc");
            assertEquals("", new String(later.readToEnd()));
            other.get("/work");
            assertEquals(503, other.read().status());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TLS_1_2")
    void isToleratedWhileALargeAnswerWaitsToBeRead(Transport transport) {
        try (TestServer server = tolerant(transport); RawClient client = server.connect()) {
            client.get("/large");
            endOutput(client);
            assertArrayEquals(LARGE, client.read().body());
            assertEquals(0, client.readToEnd().length);
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TLS_1_2")
    void isToleratedBehindPipelinedRequests(Transport transport) {
        try (TestServer server = tolerant(transport); RawClient client = server.connect()) {
            StringBuilder requests = new StringBuilder("GET /unresponsive HTTP/1.1\r\nHost: localhost\r\n\r\n");
            for (int i = 0; i < 20; i++) {
                requests.append("GET /number?n=").append(i).append(" HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            client.send(requests.toString());
            endOutput(client);
            trail.add("release");
            assertEquals("done", client.read().text());
            for (int i = 0; i < 20; i++) {
                assertEquals(String.valueOf(i), client.read().text());
            }
            assertEquals(0, client.readToEnd().length);
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TLS_1_2")
    void resetIsNotTolerated(Transport transport) {
        try (TestServer server = tolerant(transport); RawClient client = server.connect()) {
            client.get("/work");
            trail.await("started");
            client.reset();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("partsOfRequests")
    void endAmidABodyThatNobodyReadsIsADeparture(String part) {
        leavesAmid(Transport.CLEAR, "/work", part);
    }

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("partsOfRequests")
    void endAmidABodyThatIsReadIsADeparture(String part) {
        leavesAmid(Transport.CLEAR, "/read", part);
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TLS_1_2")
    void endAmidABodyIsADepartureOverAnyTransport(Transport transport) {
        leavesAmid(transport, "/work", partsOfRequests().getLast());
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "Content-Length: 10\r\n\r\n0123456789",
            "Content-Length: 10\r\n\r\n0123456789GET /number?n=1 HTTP/1.1\r\nHost: a\r\n\r\nGET /numb",
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n5\r\n0\r\n\r\n\r\n0\r\n\r\n"})
    void endBehindABodyIsTolerated(String rest) {
        try (TestServer server = tolerant(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /unresponsive HTTP/1.1\r\nHost: a\r\n" + rest);
            endOutput(client);
            trail.add("release");
            assertEquals("done", client.read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertEquals(List.of("started", "release", "released"), trail.events());
        }
    }

    /** The body comes in two pieces, the first of them together with the request's header. */
    @Test
    void endBehindABodyThatWasReadAlreadyIsTolerated() {
        try (TestServer server = tolerant(Transport.CLEAR); RawClient client = server.connect()) {
            client.send("POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
            trail.await("started");
            client.send("56789");
            trail.await("read");
            Await.until("the server reads ahead", () -> Usage.readers() == 1);
            client.endOutput();
            Await.until("the server has read the end", () -> Usage.readers() == 0);
            trail.add("release");
            assertEquals("done", client.read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    private void leavesAmid(Transport transport, String path, String part) {
        try (TestServer server = tolerant(transport); RawClient client = server.connect()) {
            client.send("POST " + path + " HTTP/1.1\r\nHost: a\r\n" + part);
            trail.await("started");
            client.endOutput();
            trail.await("interrupted");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    // nobody reads any more, so that only writing tells
    @Test
    void resetBehindTheEndShowsWhenWriting() {
        try (TestServer server = tolerant(Transport.CLEAR); RawClient client = server.connect()) {
            client.get("/endless");
            endOutput(client);
            client.reset();
            trail.await("stopped");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
        }
    }

    private TestServer tolerant(Transport transport) {
        return TestServer.start(transport, hangup -> hangup.tolerateHalfClose(true), this::routing);
    }

    /** Ends the output, and waits until the server has read the end: its reader has nothing to do any more then. */
    private void endOutput(RawClient client) {
        trail.await("started");
        Await.until("the server reads ahead", () -> Usage.connectionThreads() == 2);
        client.endOutput();
        Await.until("the server has read the end", () -> Usage.connectionThreads() == 1);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.any("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()))
                .any("/unresponsive", Hangup.cancellable(request -> {
                    trail.ignoreInterruptsUntil("release");
                    return "done";
                }))
                .post("/read", Hangup.cancellable(request -> {
                    trail.add("started");
                    try {
                        request.content().as(byte[].class);
                    } catch (RuntimeException e) {
                        trail.add("interrupted");
                        throw e;
                    }
                    trail.add("read");
                    trail.await("release");
                    return "done";
                }))
                .get("/number", Hangup.cancellable(request -> request.query().get("n")))
                .get("/large", Hangup.cancellable(this::large))
                .get("/endless", Hangup.cancellable(this::endless));
    }

    private void large(ServerRequest request, ServerResponse response) throws IOException {
        trail.add("started");
        response.contentLength(LARGE.length);
        try (OutputStream stream = response.outputStream()) {
            for (int sent = 0; sent < LARGE.length; sent += 64 * 1024) {
                stream.write(Arrays.copyOfRange(LARGE, sent, sent + 64 * 1024));
            }
        }
    }

    private void endless(ServerRequest request, ServerResponse response) throws IOException {
        trail.add("started");
        try {
            OutputStream stream = response.outputStream();
            while (true) {
                stream.write(new byte[64 * 1024]);
            }
        } finally {
            trail.add("stopped");
        }
    }
}
