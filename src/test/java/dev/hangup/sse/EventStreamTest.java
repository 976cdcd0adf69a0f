package dev.hangup.sse;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Encoding;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.http.encoding.ContentEncodingContext;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Streams of events as their clients see them. */
class EventStreamTest {
    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void eachEventIsSeenBeforeTheNextIsMade(Transport transport) {
        try (TestServer server = TestServer.start(transport, this::routing); RawClient client = server.connect()) {
            client.get("/race");
            seesEachByItself(client);
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/bare", "/path"})
    void whetherItsRouteKnowsOfHangupOrNot(String path) {
        try (TestServer server = TestServer.start(
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/path").build()), this::routing);
                RawClient client = server.connect()) {
            client.get(path);
            seesEachByItself(client);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/race", "/bare"})
    void overHttp2Too(String path) {
        try (TestServer server = TestServer.start(this::routing);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.get(path);
            client.awaitBytes(id, "data: one\n\n".length());
            trail.add("seen one");
            client.awaitBytes(id, "data: one\n\ndata: two\n\n".length());
            trail.add("seen two");
            Http2Client.Answer answer = client.answer(id);
            assertEquals("data: one\n\ndata: two\n\n", answer.text());
            assertEquals("text/event-stream", answer.headers().get("content-type"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/race", "/bare", "/path"})
    void itIsNotEncodedEvenForAClientThatLikesThat(String path) {
        try (TestServer server = TestServer.start(
                it -> it.contentEncoding(ContentEncodingContext.builder()
                                                 .contentEncodingsDiscoverServices(false)
                                                 .addContentEncoding(Encoding.GZIP)
                                                 .build()),
                hangup -> hangup.addPath(HangupPathConfig.builder().path("/path").build()), this::routing);
                RawClient client = server.connect()) {
            client.get(path, "Accept-Encoding: gzip\r\n");
            assertFalse(seesEachByItself(client).toLowerCase().contains("content-encoding"));
        }
    }

    @Test
    void itIsNotToBeStoredOrHeldBack() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            String head = client.get("/race").readHead();
            assertTrue(head.contains("Content-Type: text/event-stream\r\n"), head);
            assertTrue(head.contains("Cache-Control: no-store\r\n"), head);
            assertTrue(head.contains("X-Accel-Buffering: no\r\n"), head);
        }
    }

    @Test
    void whatTheHandlerAroundSaysOfStoringAndHoldingBackCounts() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", (request, response) -> {
            response.header("Cache-Control", "no-cache");
            response.header("X-Accel-Buffering", "yes");
            EventStream.of((req, events) -> { }).handle(request, response);
        })); RawClient client = server.connect()) {
            RawClient.Response response = client.get("/").read();
            assertEquals("no-cache", response.headers().get("cache-control"));
            assertEquals("yes", response.headers().get("x-accel-buffering"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/race", "/bare"})
    void headGetsTheHeadersAndRunsNoProducer(String path) {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            String head = client.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").readHead();
            assertTrue(head.contains("Content-Type: text/event-stream\r\n"), head);
            // nothing has come behind it
            assertEquals(404, client.get("/nowhere").read().status());
            assertEquals(List.of(), trail.events());
        }
    }

    @Test
    void noEventsAreAStreamToo() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/", Hangup.cancellable(EventStream.of((request, events) -> { }))));
                RawClient client = server.connect()) {
            RawClient.Response response = client.get("/").read();
            assertEquals(200, response.status());
            assertEquals("", response.text());
        }
    }

    @Test
    void deadlineBeforeTheFirstEventIsAnswered() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", timeIsUpAfter(0)));
                RawClient client = server.connect()) {
            RawClient.Response response = client.get("/").read();
            assertEquals(503, response.status());
            assertEquals("application/problem+json", response.headers().get("content-type"));
        }
    }

    @Test
    void defaultDeadlineBeforeTheFirstEventIsAnswered() {
        try (TestServer server = TestServer.start(hangup -> hangup.deadline(Duration.ofMillis(200)), routing -> routing
                .get("/", Hangup.cancellable(EventStream.of((request, events) -> trail.workUntilInterrupted()))));
                RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void deadlineAfterAnEventBreaksTheStreamOff() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", timeIsUpAfter(1)));
                RawClient client = server.connect()) {
            client.get("/").readHead();
            assertEquals(chunk("data: 0\n\n"), new String(client.readToEnd(), StandardCharsets.UTF_8));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void deadlineAfterAnEventResetsTheStreamOverHttp2() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", timeIsUpAfter(1)));
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int id = client.get("/");
            assertEquals(Http2Client.CANCEL, client.awaitReset(id));
            assertEquals("data: 0\n\n", client.soFar(id).text());
        }
    }

    /** It has nothing to send for longer than the default deadline, and than a client may stall. */
    @Test
    void streamThatHasBegunOutlastsTheDefaultDeadline() {
        try (TestServer server = idle(); RawClient client = server.connect()) {
            client.get("/idle").readHead();
            assertEquals("data: 0\n\n", client.readChunk());
            assertEquals("data: 1\n\n", client.readChunk());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @Test
    void streamThatHasBegunOutlastsTheDefaultDeadlineOverHttp2() {
        try (TestServer server = idle(); Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.answer(client.get("/warm"));
            server.nextEnd();
            assertEquals("data: 0\n\ndata: 1\n\n", client.answer(client.get("/idle")).text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @Test
    void aCommentBeginsTheAnswer() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/", Hangup.cancellable(EventStream.of((request, events) -> {
            events.comment("here");
            trail.await("seen");
        })))); RawClient client = server.connect()) {
            assertTrue(client.get("/").readHead().startsWith("HTTP/1.1 200 "));
            assertEquals(chunk(": here\n\n"), client.read(chunk(": here\n\n").length()));
            trail.add("seen");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/race", "/bare"})
    void producerThatFailsBeforeTheFirstEventIsAnError(String path) {
        try (TestServer server = TestServer.start(routing -> mount(routing, failingAfter(0)));
                RawClient client = server.connect()) {
            RawClient.Response response = client.get(path).read();
            assertEquals(500, response.status());
            assertFalse("text/event-stream".equals(response.headers().get("content-type")));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/race", "/bare"})
    void producerThatFailsAfterAnEventBreaksTheStreamOff(String path) {
        try (TestServer server = TestServer.start(routing -> mount(routing, failingAfter(1)));
                RawClient client = server.connect()) {
            client.get(path).readHead();
            assertEquals(chunk("data: 0\n\n"), new String(client.readToEnd(), StandardCharsets.UTF_8));
        }
    }

    private void routing(HttpRouting.Builder routing) {
        Handler events = EventStream.of((request, stream) -> {
            trail.add("producing");
            stream.send(Event.of("one"));
            trail.await("seen one");
            stream.send(Event.of("two"));
            trail.await("seen two");
        });
        mount(routing, events);
        routing.get("/path", events);
    }

    private static void mount(HttpRouting.Builder routing, Handler events) {
        routing.any("/bare", events).any("/race", Hangup.cancellable(events));
    }

    private Handler timeIsUpAfter(int count) {
        return Hangup.cancellable((request, response) -> EventStream.of((req, events) -> {
            for (int i = 0; i < count; i++) {
                events.send(Event.of(String.valueOf(i)));
            }
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }).handle(request, response));
    }

    private TestServer idle() {
        return TestServer.start(hangup -> hangup.deadline(Duration.ofSeconds(2)).stallLimit(Duration.ofMillis(200)),
                                routing -> routing.get("/idle", Hangup.cancellable(EventStream.of((request, events) -> {
            events.send(Event.of("0"));
            TimeUnit.MILLISECONDS.sleep(2_500);
            events.send(Event.of("1"));
        }))).get("/warm", timeIsUpAfter(0))).warm("/warm");
    }

    private static Handler failingAfter(int count) {
        return EventStream.of((request, events) -> {
            for (int i = 0; i < count; i++) {
                events.send(Event.of(String.valueOf(i)));
            }
            throw new IllegalStateException("nothing more to be had");
        });
    }

    /** The head of the answer. */
    private String seesEachByItself(RawClient client) {
        String head = client.readHead();
        for (String event : List.of("one", "two")) {
            String chunk = chunk("data: " + event + "\n\n");
            assertEquals(chunk, client.read(chunk.length()));
            trail.add("seen " + event);
        }
        assertEquals("0\r\n\r\n", client.read(5));
        return head;
    }

    private static String chunk(String text) {
        return Integer.toHexString(text.length()) + "\r\n" + text + "\r\n";
    }
}
