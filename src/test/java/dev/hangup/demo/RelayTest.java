package dev.hangup.demo;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RelayTest {
    private static final String UNREAD_BODY = "Content-Length: 5\r\n\r\nnever";

    @ParameterizedTest
    @ValueSource(strings = {"/no-context/relay", "/with-context/relay"})
    void answersWithTheBodyOfItsTarget(String path) {
        try (Target target = Target.answering("200 OK", "hello"); Relaying relaying = new Relaying(target.url())) {
            assertEquals("hello", relaying.client().get(path).read().text());
            assertEquals("hello", relaying.client().send("POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + UNREAD_BODY)
                    .read()
                    .text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"404 Not Found", "500 Internal Server Error", "302 Found"})
    void aTargetThatDoesNotHaveItIsABadGateway(String status) {
        try (Target target = Target.answering(status, "no"); Relaying relaying = new Relaying(target.url())) {
            assertEquals(502, relaying.client().get("/with-context/relay").read().status());
        }
    }

    @Test
    void aTargetThatIsNotThereIsABadGateway() {
        Target gone = Target.silent();
        gone.close();
        try (Relaying relaying = new Relaying(gone.url())) {
            assertEquals(502, relaying.client().get("/with-context/relay").read().status());
        }
    }

    @Tag("departure")
    @Test
    void theCallIsAbortedWhenTheClientLeaves() {
        try (Target target = Target.silent(); Relaying relaying = new Relaying(target.url())) {
            RawClient client = relaying.client().get("/with-context/relay");
            target.trail().await("called");
            client.leave();
            target.trail().await("aborted");
        }
    }

    @Tag("departure")
    @Test
    void theCallIsAbortedWhenTheClientLeavesBehindABodyThatNobodyReads() {
        try (Target target = Target.silent(); Relaying relaying = new Relaying(target.url())) {
            RawClient client = relaying.client()
                    .send("POST /with-context/relay HTTP/1.1\r\nHost: localhost\r\n" + UNREAD_BODY);
            target.trail().await("called");
            client.leave();
            target.trail().await("aborted");
        }
    }

    @Test
    void theBareServerGoesOnWaiting() {
        try (Target target = Target.silent(); Relaying relaying = new Relaying(target.url())) {
            RawClient leaver = relaying.client().get("/no-context/relay");
            target.trail().await("called");
            leaver.leave();
            // a whole other request later it still does
            assertEquals(200, relaying.client().get("/with-context?seconds=0.1").read().status());
            assertEquals(List.of("called"), target.trail().events());
        }
    }

    @Test
    void theCallIsAbortedAtTheDeadlineOfWhichTheTargetWasNotified() {
        try (Target target = Target.silent(); Relaying relaying = new Relaying(target.url())) {
            assertEquals(503, relaying.client().get("/with-context/relay", "X-Request-Timeout-Ms: 3000\r\n").read().status());
            target.trail().await("aborted");
            String told = target.request().lines()
                    .filter(line -> line.startsWith("X-Request-Timeout-Ms: "))
                    .findFirst()
                    .orElseThrow();
            int millis = Integer.parseInt(told.substring("X-Request-Timeout-Ms: ".length()));
            assertTrue(millis > 0 && millis <= 3000, told);
        }
    }

    @Test
    void theBareServerReportsOfNoDeadline() {
        try (Target target = Target.answering("200 OK", "hello"); Relaying relaying = new Relaying(target.url())) {
            assertEquals(200, relaying.client().get("/no-context/relay").read().status());
            assertFalse(target.request().contains("X-Request-Timeout-Ms"));
        }
    }

    @Test
    void aConnectionIsUsedAgain() {
        try (Target target = Target.answering("200 OK", "hello"); Relaying relaying = new Relaying(target.url())) {
            for (int i = 0; i < 10; i++) {
                assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
            }
            assertEquals(1, target.connections());
        }
    }

    @Tag("departure")
    @Test
    void theCallIsAbortedOnAConnectionThatIsUsedAgain() {
        try (Target target = Target.doing((call, socket) -> call.contains("?hang")
                ? Target.End.AWAITED : Target.say(socket, Target.answer("200 OK", "hello")));
                Relaying relaying = new Relaying(target.url())) {
            assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
            RawClient client = relaying.client().get("/with-context/relay?hang");
            target.trail().await("called", 2);
            assertEquals(1, target.connections());
            client.leave();
            target.trail().await("aborted");
            assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200 O", "HTTP/1.1 200 OK\r\nContent-Le",
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nand then",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"})
    void theCallIsAbortedInTheMiddleOfTheAnswer(String begun) {
        try (Target target = Target.doing((call, socket) -> {
            Target.say(socket, begun);
            return Target.End.AWAITED;
        }); Relaying relaying = new Relaying(target.url())) {
            RawClient client = relaying.client().get("/with-context/relay");
            target.trail().await("called");
            client.leave();
            target.trail().await("aborted");
        }
    }

    @Tag("departure")
    @Test
    void theCallIsAbortedBeforeItsTargetHasAcceptedIt() throws Exception {
        try (FullListener target = new FullListener(); Relaying relaying = new Relaying(target.url());
                Logged relay = Logged.by(Relay.class.getName())) {
            RawClient client = relaying.client().get("/with-context/relay");
            // time for the call to begin
            assertEquals(200, relaying.client().get("/with-context?seconds=0.1").read().status());
            assertEquals(List.of(), relay.trail().events());
            client.leave();
            relay.trail().await("/with-context/relay: aborted the call of " + target.url());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aConnectionThatWasClosedMeanwhileIsNoError(boolean reset) {
        try (Target target = Target.doing((call, socket) -> {
            Target.say(socket, Target.answer("200 OK", "hello"));
            return reset ? Target.End.RESET : Target.End.CLOSE;
        }); Relaying relaying = new Relaying(target.url())) {
            for (int i = 1; i <= 3; i++) {
                assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
            }
            assertEquals(3, target.connections());
        }
    }

    @Test
    void aConnectionWhoseTargetTookLeaveOfItIsNoError() {
        try (Target target = Target.doing((call, socket) -> {
            Target.say(socket, Target.answer("200 OK", "hello")
                    + "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
            return Target.End.CLOSE;
        }); Relaying relaying = new Relaying(target.url())) {
            for (int i = 1; i <= 3; i++) {
                assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
            }
            assertEquals(3, target.connections());
        }
    }

    @Test
    void aTargetThatTimesOutIsABadGateway() {
        try (Target target = Target.answering("408 Request Timeout", ""); Relaying relaying = new Relaying(target.url())) {
            assertEquals(502, relaying.client().get("/with-context/relay").read().status());
            assertEquals(1, target.connections());
        }
    }

    /** It keeps the connection, so that its answer belongs to the call. */
    @ParameterizedTest
    @ValueSource(strings = {"", "late"})
    void aTargetThatTimesOutOnAConnectionThatItKeepsIsAskedOnce(String body) {
        AtomicInteger calls = new AtomicInteger();
        try (Target target = Target.doing((call, socket) -> Target.say(socket, calls.incrementAndGet() == 1
                ? Target.answer("200 OK", "hello") : Target.answer("408 Request Timeout", body)));
                Relaying relaying = new Relaying(target.url())) {
            assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
            assertEquals(502, relaying.client().get("/with-context/relay", "X-Request-Timeout-Ms: 3000\r\n").read().status());
            assertEquals(2, calls.get());
        }
    }

    /** The last attempt is on a new connection, whatever the target says. */
    @Test
    void aTargetThatTakesLeaveOfEachCallIsABadGateway() {
        AtomicInteger calls = new AtomicInteger();
        try (Target target = Target.doing((call, socket) -> {
            if (calls.incrementAndGet() == 1) {
                return Target.say(socket, Target.answer("200 OK", "hello"));
            }
            Target.say(socket, "HTTP/1.1 408 Request Timeout\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n");
            return Target.End.CLOSE;
        }); Relaying relaying = new Relaying(target.url())) {
            assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
            assertEquals(502, relaying.client().get("/with-context/relay", "X-Request-Timeout-Ms: 3000\r\n").read().status());
            assertEquals(3, calls.get());
            assertEquals(2, target.connections());
        }
    }

    @Test
    void manyConnectionsThatWereClosedMeanwhileAreNoErrorEither() {
        AtomicInteger waiting = new AtomicInteger();
        Trail trail = new Trail();
        try (Target target = Target.doing((call, socket) -> {
            if (call.contains("?together")) {
                if (waiting.incrementAndGet() == 5) {
                    trail.add("all are here");
                }
                trail.await("all are here");
                Target.say(socket, Target.answer("200 OK", "one of five"));
                return Target.End.CLOSE;
            }
            return Target.say(socket, Target.answer("200 OK", "hello"));
        }); Relaying relaying = new Relaying(target.url())) {
            List<RawClient> clients = Stream.generate(() -> relaying.client().get("/with-context/relay?together"))
                    .limit(5)
                    .toList();
            clients.forEach(client -> assertEquals("one of five", client.read().text()));
            assertEquals("hello", relaying.client().get("/with-context/relay").read().text());
        }
    }

    @Test
    void aTargetThatClosesInsteadOfAnsweringIsAskedOnceOnANewConnection() {
        try (Target target = Target.doing((call, socket) -> Target.End.CLOSE); Relaying relaying = new Relaying(target.url())) {
            assertEquals(502, relaying.client().get("/with-context/relay").read().status());
            assertEquals(1, target.connections());
        }
    }

    @Test
    void aTargetThatResetsInTheMiddleIsABadGateway() {
        try (Target target = Target.doing((call, socket) -> {
            Target.say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nand then");
            return Target.End.RESET;
        }); Relaying relaying = new Relaying(target.url())) {
            assertEquals(502, relaying.client().get("/with-context/relay").read().status());
        }
    }

    @Test
    void anAnswerThatIsTooLargeIsABadGatewayAndNotReadToItsEnd() {
        try (Target target = Target.doing((call, socket) -> {
            Target.say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n");
            while (true) {
                Target.say(socket, "x".repeat(100_000));
            }
        }); Relaying relaying = new Relaying(target.url())) {
            assertEquals(502, relaying.client().get("/with-context/relay").read().status());
            target.trail().await("aborted");
        }
    }

    @Test
    void aTargetThatIsNotAvailableSaysWhenItIs() {
        try (Target target = Target.doing((call, socket) -> Target.say(socket,
                "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"));
                Relaying relaying = new Relaying(target.url())) {
            RawClient.Response response = relaying.client().get("/with-context/relay").read();
            assertEquals(503, response.status());
            assertEquals("7", response.headers().get("retry-after"));
        }
    }

    @Test
    void theTargetIsAskedWhatWasAsked() {
        try (Target target = Target.answering("200 OK", "hello"); Relaying relaying = new Relaying(target.url())) {
            relaying.client().get("/with-context/relay?seconds=2&a=%20b").read();
            assertTrue(target.request().startsWith("GET /?seconds=2&a=%20b HTTP/1.1\r\n"), target.request());
        }
    }

    @Test
    void whatIsRelayedIsCutInTheLog() {
        try (Logged log = Logged.by(Relay.class.getName()); Relaying relaying = new Relaying("http://localhost:1/")) {
            assertEquals(502, relaying.client().get("/with-context/relay?a=%0d%0a" + "b".repeat(2000)).read().status());
            log.trail().awaitAny(it -> it.startsWith("/with-context/relay: the call of http://localhost:1/?a=%0d%0abbb")
                    && it.contains("... failed: ") && it.length() < 2100, "a line that is cut");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://localhost/", "localhost:80", "http:///nohost", "http://a b/"})
    void refusesATargetThatIsNoAddress(String url) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> new Relaying(url));
        assertTrue(refusal.getMessage().startsWith("relay.url "), refusal.getMessage());
    }

    /** A demo server that relays. */
    private static final class Relaying implements AutoCloseable {
        private final WebServer server;

        private Relaying(String url) {
            Map<String, String> config = Map.of("server.host", "localhost",
                                                "server.features.hangup.watch", System.getProperty("hangup.watch", "true"),
                                                "relay.url", url);
            server = Demo.server(Config.just(ConfigSources.create(config))).start();
        }

        private RawClient client() {
            return RawClient.connect(server.port());
        }

        @Override
        public void close() {
            server.stop();
        }
    }
}
