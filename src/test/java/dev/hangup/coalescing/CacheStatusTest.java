package dev.hangup.coalescing;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What an answer says of where it came from, as RFC 9211 and RFC 9111 have it. */
class CacheStatusTest {
    private static final String HIT = "hangup; hit; ttl=(3[56][0-9]{2})";

    @Test
    void whatWasComputedIsAMissAndHasNoAge() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            RawClient.Response first = client.get("/a").read();
            assertEquals("hangup; fwd=miss", first.headers().get("cache-status"));
            assertFalse(first.headers().containsKey("age"));
        }
    }

    @Test
    void whatWasCachedIsAHitAndHasAnAge() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.get("/a").read();
            RawClient.Response again = client.get("/a").read();
            assertTrue(again.headers().get("cache-status").matches(HIT), again.headers().toString());
            assertTrue(again.headers().get("age").matches("[0-9]+"), again.headers().toString());
        }
    }

    @Test
    void sameGoesForHttp2() {
        try (TestServer server = TestServer.start(this::routing);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            Http2Client.Answer first = client.answer(client.get("/a"));
            Http2Client.Answer again = client.answer(client.get("/a"));
            assertEquals("hangup; fwd=miss", first.headers().get("cache-status"));
            assertTrue(again.headers().get("cache-status").matches(HIT), again.headers().toString());
            assertTrue(again.headers().get("age").matches("[0-9]+"), again.headers().toString());
        }
    }

    /** Keys are on no header and in no thread's name. */
    @Test
    void whatAClientSendsIsNotInIt() {
        AtomicReference<String> thread = new AtomicReference<>();
        Coalescing<String, String> coalescing = Coalescing.<String, String>builder()
                .key(request -> request.query().get("q"))
                .computing(key -> {
                    thread.set(Thread.currentThread().getName());
                    return "answer";
                })
                .build();
        try (TestServer server = TestServer.start(routing -> routing.get("/", coalescing)); RawClient client = server.connect()) {
            RawClient.Response answer = client.get("/?q=A%0d%0aFAKE:%20true%1b").read();
            assertEquals("hangup; fwd=miss", answer.headers().get("cache-status"));
            assertFalse(answer.headers().containsKey("fake"));
            assertEquals("hangup-coalescing", thread.get());
        }
    }

    /** Whether a body follows is up to Helidon. */
    @Test
    void headHasTheSameHeaders() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            client.get("/a").read();
            client.send("HEAD /a HTTP/1.1\r\nHost: localhost\r\n\r\n");
            String head = client.readHead();
            assertTrue(head.startsWith("HTTP/1.1 200 "), head);
            assertTrue(head.lines().anyMatch(line -> line.matches("Cache-Status: " + HIT)), head);
            assertTrue(head.lines().anyMatch(line -> line.matches("Age: [0-9]+")), head);
        }
    }

    @Test
    void failureSaysNothing() {
        try (TestServer server = TestServer.start(this::routing); RawClient client = server.connect()) {
            RawClient.Response failed = client.get("/fails").read();
            assertEquals(418, failed.status());
            assertFalse(failed.headers().containsKey("cache-status"));
            assertFalse(failed.headers().containsKey("age"));
        }
    }

    private void routing(HttpRouting.Builder routing) {
        routing.any("/*", Coalescing.<String, String>builder()
                        .key(request -> request.path().path())
                        .computing(key -> {
                            if (key.equals("/fails")) {
                                throw new IllegalStateException("not today");
                            }
                            return "the answer to " + key;
                        })
                        .cacheFor(Duration.ofHours(1))
                        .build())
                .error(IllegalStateException.class, (request, response, e) ->
                        response.status(Status.I_AM_A_TEAPOT_418).send());
    }
}
