package dev.hangup.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DemoTest {
    private static WebServer server;

    @BeforeAll
    static void start() {
        server = Demo.server(Config.just(ConfigSources.create(Map.of("server.host", "localhost",
                                                                     "server.features.hangup.disconnected-status", "503",
                                                                     "server.features.hangup.unresponsive-after", "PT0.01S",
                                                                     "server.features.hangup.watch",
                                                                     System.getProperty("hangup.watch", "true")))))
                .start();
    }

    @AfterAll
    static void stop() {
        server.stop();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-context", "/with-context"})
    void sleepsAndSaysSo(String path) {
        try (RawClient client = client()) {
            RawClient.Response response = client.get(path + "?seconds=0.01").read();
            assertEquals(200, response.status());
            assertEquals("{\"msg\":\"Slept beautifully\",\"success\":true}", response.text());
            // a response in chunks is written in two parts, and waits between them
            assertEquals("42", response.headers().get("content-length"));
            assertEquals("application/json", response.headers().get("content-type"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-context/cpu", "/with-context/cpu"})
    void computes(String path) {
        try (RawClient client = client()) {
            RawClient.Response response = client.get(path + "?seconds=0.01").read();
            assertEquals(200, response.status());
            assertTrue(response.text().matches("\\{\"msg\":\"Counted primes\",\"primes\":[1-9]\\d*,\"success\":true}"),
                       response.text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-context/loop", "/with-context/loop"})
    void loops(String path) {
        try (RawClient client = client()) {
            RawClient.Response response = client.get(path + "?seconds=0.01").read();
            assertEquals(200, response.status());
            assertEquals("{\"msg\":\"Looped\",\"success\":true}", response.text());
        }
    }

    // loops freeze older JVMs, which have no guard
    @EnabledForJreRange(min = JRE.JAVA_24)
    @Tag("departure")
    @Test
    void underHangupLoopsEndWithTheirClientsAndBareOnesOutliveThem() {
        int loops = 2 * Runtime.getRuntime().availableProcessors();
        try (Logged log = Logged.by(Loop.class.getName())) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < loops; i++) {
                clients.add(client().get("/with-context/loop?seconds=3600"));
                clients.add(client().get("/no-context/loop?seconds=3"));
            }
            log.trail().await("/with-context/loop: looping for 3600.00 s", loops);
            log.trail().await("/no-context/loop: looping for 3.00 s", loops);
            clients.forEach(RawClient::leave);
            log.trail().await("/no-context/loop: success, looped for 3.00 s", loops);
            Await.until("all others are cancelled", () -> log.trail().events().stream()
                    .filter(line -> line.startsWith("/with-context/loop: cancelled after ")).count() == loops);
        }
    }

    @Tag("departure")
    @Test
    void stopsToComputeWhenTheClientLeaves() {
        try (Logged log = Logged.by(Primes.class.getName()); RawClient client = client().get("/with-context/cpu?seconds=20")) {
            awaitStart(log.trail(), "/with-context/cpu: computing for 20.00 s");
            client.leave();
            awaitStart(log.trail(), "/with-context/cpu: cancelled after ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-context", "/with-context"})
    void sleepsThroughItsInterrupt(String path) {
        try (RawClient client = client()) {
            RawClient.Response response = client.get(path + "/unresponsive?seconds=0.01").read();
            assertEquals(200, response.status());
            assertEquals("{\"msg\":\"Slept on, whatever was said\",\"success\":true}", response.text());
        }
    }

    @Tag("departure")
    @Test
    void sleepsOnWhenItWasInterruptedAndIsReported() {
        try (Logged log = Logged.by("dev.hangup"); RawClient client = client()) {
            client.get("/with-context/unresponsive?seconds=5");
            awaitStart(log.trail(), "/with-context/unresponsive: sleeping unresponsively for 5.00 s");
            client.leave();
            awaitStart(log.trail(), "/with-context/unresponsive: interrupted after ");
            awaitStart(log.trail(), "unresponsive GET /with-context/unresponsive peer=");
            awaitStart(log.trail(), "/with-context/unresponsive: slept unresponsively for ");
            awaitStart(log.trail(), "unresponsive-ended GET /with-context/unresponsive peer=");
        }
    }

    @Test
    void theBareServerIsProudOfWorkThatNobodyWaitsFor() {
        try (Logged log = Logged.by(Sleep.class.getName())) {
            client().get("/no-context?seconds=0.25").leave();
            awaitStart(log.trail(), "/no-context: success, slept beautifully for ");
        }
    }

    @Tag("departure")
    @Test
    void underHangupTheSleepIsCancelledWhenTheClientLeaves() {
        try (Logged sleep = Logged.by(Sleep.class.getName()); Logged decision = Logged.by(DecisionLog.class.getName())) {
            RawClient client = client().get("/with-context?seconds=3600");
            sleep.trail().await("/with-context: sleeping for 3600.00 s");
            client.leave();
            awaitStart(sleep.trail(), "/with-context: cancelled after ");
            awaitStart(decision.trail(), "demo: /with-context: the client left first: cancelled the work");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-context", "/with-context"})
    void aStreamTicksAndSaysThatItEnds(String path) {
        try (RawClient client = client()) {
            RawClient.Response response = client.get(path + "/stream?seconds=0.2").read();
            assertEquals(200, response.status());
            assertEquals("id: 1\nevent: tick\ndata: {\"count\":1}\n\nid: 2\nevent: tick\ndata: {\"count\":2}\n\n"
                                 + "id: end\nevent: end\ndata: {\"count\":2}\n\n", response.text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no-context", "/with-context"})
    void aProcessSleepsAndSaysSo(String path) {
        try (RawClient client = client()) {
            RawClient.Response response = client.get(path + "/process?seconds=0.01").read();
            assertEquals(200, response.status());
            assertEquals("Slept beautifully in a process\n", response.text());
        }
    }

    @Tag("departure")
    @Test
    void underHangupTheProcessesEndWhenTheClientLeaves() {
        try (Logged process = Logged.by(ChildProcess.class.getName());
                Logged decision = Logged.by(DecisionLog.class.getName())) {
            RawClient client = client().get("/with-context/process?seconds=60");
            process.trail().await("/with-context/process: running find, which runs sleep 60");
            client.leave();
            process.trail().await("/with-context/process: cancelled, the processes were ended");
            awaitStart(decision.trail(), "demo: /with-context/process: the client left first: cancelled the work");
        }
    }

    @Test
    void whoHasSeenTheEndOfAStreamIsToldNotToComeAgain() {
        try (RawClient client = client()) {
            assertEquals(204, client.get("/with-context/stream", "Last-Event-ID: end\r\n").read().status());
        }
    }

    // not a test of the watcher: an event that cannot be sent says it too, if later
    @Test
    void underHangupTheStreamEndsWhenTheClientLeaves() {
        try (Logged ticks = Logged.by(Ticks.class.getName()); Logged decision = Logged.by(DecisionLog.class.getName())) {
            RawClient client = client().get("/with-context/stream?seconds=3600");
            client.readHead();
            client.leave();
            awaitStart(ticks.trail(), "/with-context/stream: ended with event ");
            awaitStart(decision.trail(), "demo: /with-context/stream: the client left first: cancelled the work");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "-1", "1e9", "NaN", "3600.1", "99999", "", "1&seconds=2", "%F0%9F%92%A4", "0x1", "1."})
    void refusesSecondsThatAreNone(String seconds) {
        for (String path : new String[] {"/no-context", "/with-context", "/no-context/process", "/with-context/process",
                "/no-context/isolated", "/with-context/isolated"}) {
            try (RawClient client = client()) {
                RawClient.Response response = client.get(path + "?seconds=" + seconds).read();
                assertEquals(400, response.status());
                assertEquals("application/problem+json", response.headers().get("content-type"));
                assertTrue(response.text().contains("\"detail\":\"seconds must be"), response.text());
                assertEquals(1, response.text().lines().count());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"GET, /nowhere, 404", "POST, /no-context, 405", "POST, /with-context, 405", "PUT, /with-context/relay, 405",
            "DELETE, /no-context/relay, 405"})
    void refusesUnknownPathsAndWrongMethods(String method, String path, int status) {
        try (RawClient client = client()) {
            RawClient.Response response = client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").read();
            assertEquals(status, response.status());
            assertEquals("application/problem+json", response.headers().get("content-type"));
        }
    }

    @Test
    void aWrongMethodIsToldTheRightOnes() {
        try (RawClient client = client()) {
            assertEquals("GET, POST", client.send("PUT /with-context/relay HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .read()
                    .headers()
                    .get("allow"));
        }
    }

    @Test
    void aRelayWithoutATargetSaysWhatToSet() {
        try (RawClient client = client()) {
            RawClient.Response response = client.get("/with-context/relay").read();
            assertEquals(503, response.status());
            assertTrue(response.text().contains("set relay.url"), response.text());
        }
    }

    private static RawClient client() {
        return RawClient.connect(server.port());
    }

    private static void awaitStart(Trail trail, String start) {
        trail.awaitAny(event -> event.startsWith(start), start + "...");
    }
}
