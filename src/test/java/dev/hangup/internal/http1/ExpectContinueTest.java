package dev.hangup.internal.http1;

import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** A client that waits to be told to go on with its body. What happens if it leaves is told where departures are. */
class ExpectContinueTest {
    private static final String HEAD = "Host: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
    private static final String CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

    private final Trail trail = new Trail();

    /** It is watched while it waits: the body is read by the one who reads ahead. */
    @Test
    void workThatLastsBeforeItReadsHasItsBody() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            for (int i = 1; i <= 3; i++) {
                client.send("POST /echo HTTP/1.1\r\n" + HEAD);
                assertEquals(CONTINUE, client.readHead());
                client.send("text");
                assertEquals("text", client.read().text());
            }
        }
    }

    @Test
    void deadlineBeforeItIsToldToGoOnIsItsAnswer() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.send("POST /late HTTP/1.1\r\n" + HEAD);
            assertEquals(503, client.read().status());
            assertEquals("", new String(client.readToEnd()));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void workThatWasStoppedTellsNobodyToGoOnAndHasNoBody() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.send("POST /unresponsive HTTP/1.1\r\n" + HEAD);
            assertEquals(503, client.read().status());
            trail.await("interrupted");
            trail.add("answered");
            assertEquals("", new String(client.readToEnd()));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(List.of("started", "interrupted", "answered", "released", "no body"), trail.events());
        }
    }

    /** The body that nobody asked for is not waited for; UnreadBodyTest shows what becomes of it. */
    @Test
    void workThatNeverReadsIsAnsweredAndNobodyGoesOn() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.send("POST /unread HTTP/1.1\r\n" + HEAD);
            String head = client.readHead();
            assertFalse(head.startsWith("HTTP/1.1 100"), head);
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.post("/echo", Hangup.cancellable(request -> {
                    Await.until("the client is watched", () -> Usage.readers() > 0);
                    return request.content().as(String.class);
                }))
                .post("/unread", Hangup.cancellable(request -> "unread"))
                .post("/late", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.workUntilInterrupted();
                }))
                .post("/unresponsive", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    trail.ignoreInterruptsUntil("answered");
                    try {
                        trail.add("body '" + request.content().as(String.class) + "'");
                    } catch (RuntimeException e) {
                        trail.add("no body");
                    }
                }));
    }
}
