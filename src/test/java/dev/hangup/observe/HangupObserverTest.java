package dev.hangup.observe;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Requests in flight over HTTP. */
class HangupObserverTest {
    private static final String REQUESTS = "/observe/hangup/requests";

    private final Trail trail = new Trail();

    @Test
    void listsAndCancels() {
        try (TestServer server = start(HangupObserver.builder().enabled(true).permitAll(true).build());
                RawClient client = server.connect().get("/work"); RawClient operator = server.connect()) {
            Await.until("it is in flight", () -> server.hangup().inFlight().size() == 1);
            trail.await("started");
            long id = server.hangup().inFlight().getFirst().request().id();
            RawClient.Response list = operator.get(REQUESTS).read();
            assertEquals("application/json", list.headers().get("content-type"));
            String json = list.text();
            assertTrue(json.matches("\\[\\{\"id\":" + id + ",\"method\":\"GET\",\"route\":\"/work\",\"client\":\"[^\"]+:"
                                            + client.socket().getLocalPort() + "\",\"elapsed-ms\":\\d+,\"remaining-ms\":\\d+}]"), json);
            assertEquals(204, operator.send("DELETE " + REQUESTS + "/" + id + " HTTP/1.1\r\nHost: x\r\n\r\n").read().status());
            assertEquals(503, client.read().status());
            assertEquals(Outcome.CANCELLED, server.nextEnd().outcome());
            assertEquals(List.of("started", "interrupted"), trail.events());
            assertEquals(404, operator.send("DELETE " + REQUESTS + "/" + id + " HTTP/1.1\r\nHost: x\r\n\r\n").read().status());
            assertEquals("[]", operator.get(REQUESTS).read().text());
        }
    }

    @Test
    void listsAndCancelsRequestsOfEachFeature() {
        try (TestServer server = startWithTwoFeatures(); RawClient client = server.connect().get("/work");
                RawClient other = RawClient.connect(server.server().port("other")).get("/work");
                RawClient operator = server.connect()) {
            trail.await("started", 2);
            Await.until("both are in flight", () -> ids(operator).size() == 2);
            for (long id : ids(operator)) {
                assertEquals(204, operator.send("DELETE " + REQUESTS + "/" + id + " HTTP/1.1\r\nHost: x\r\n\r\n").read().status());
            }
            assertEquals(503, client.read().status());
            assertEquals(503, other.read().status());
        }
    }

    private TestServer startWithTwoFeatures() {
        HangupObserver observer = HangupObserver.builder().enabled(true).permitAll(true).build();
        return TestServer.start(server -> server.addFeature(ObserveFeature.just(observer))
                                        .addFeature(Hangup.builder().name("second").sockets(Set.of("other")).build())
                                        .putSocket("other", socket -> socket.routing(this::work)),
                                hangup -> hangup.sockets(Set.of("@default")), this::work);
    }

    private static List<Long> ids(RawClient operator) {
        return Pattern.compile("\"id\":(\\d+)").matcher(operator.get(REQUESTS).read().text()).results()
                .map(it -> Long.parseLong(it.group(1)))
                .toList();
    }

    /** Browsers send {@code Origin} with every DELETE, but none with a GET of the same origin. */
    @ParameterizedTest
    @ValueSource(strings = {"http://evil.example", "null", "http://127.0.0.1", ""})
    void pagesCancelNothingIfAnybodyMay(String origin) {
        try (TestServer server = start(HangupObserver.builder().enabled(true).permitAll(true).build());
                RawClient client = server.connect().get("/work"); RawClient operator = server.connect()) {
            Await.until("it is in flight", () -> server.hangup().inFlight().size() == 1);
            trail.await("started");
            long id = server.hangup().inFlight().getFirst().request().id();
            String line = "DELETE " + REQUESTS + "/" + id + " HTTP/1.1\r\nHost: x\r\n";
            assertEquals(403, operator.send(line + "Origin: " + origin + "\r\n\r\n").read().status());
            assertEquals(List.of("started"), trail.events());
            assertEquals(204, operator.send(line + "\r\n").read().status());
            assertEquals(503, client.read().status());
        }
    }

    @Test
    void refusesWhatIsNoNumber() {
        try (TestServer server = start(HangupObserver.builder().enabled(true).permitAll(true).build())) {
            for (String id : List.of("x", "-1", "1.5", "9999999999999999999", "%31%0a", "")) {
                try (RawClient operator = server.connect()) {
                    int status = operator.send("DELETE " + REQUESTS + "/" + id + " HTTP/1.1\r\nHost: x\r\n\r\n").read().status();
                    assertEquals(id.isEmpty() ? 404 : 400, status, id);
                }
            }
        }
    }

    @Test
    void isOffByDefaultAndGuardedWhenItIsOn() {
        try (TestServer server = start(HangupObserver.builder().build()); RawClient operator = server.connect()) {
            assertEquals(503, operator.get(REQUESTS).read().status());
        }
        try (TestServer server = start(HangupObserver.builder().enabled(true).build()); RawClient operator = server.connect()) {
            assertEquals(403, operator.get(REQUESTS).read().status());
        }
    }

    @Test
    void isFoundAndConfigured() {
        Config config = Config.just(ConfigSources.create(Map.of("observers.hangup.enabled", "true",
                                                                          "observers.hangup.permit-all", "true",
                                                                          "observers.hangup.endpoint", "work")));
        try (TestServer server = TestServer.start(it -> it.addFeature(ObserveFeature.create(config)), hangup -> { },
                                                  routing -> { }); RawClient operator = server.connect()) {
            assertEquals("[]", operator.get("/observe/work/requests").read().text());
        }
    }

    /** Helidon takes these words for true. */
    @ParameterizedTest
    @ValueSource(strings = {"1", "yes", "y", "on", "TRUE"})
    void isOpenedByTrueOnly(String word) {
        Config config = Config.just(ConfigSources.create(Map.of("observers.hangup.enabled", word)));
        ConfigException refusal = assertThrows(ConfigException.class, () -> ObserveFeature.create(config));
        assertEquals("observers.hangup.enabled must be true or false, but is " + word, refusal.getMessage());
    }

    @Test
    void needsTheFeature() {
        IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> WebServer.builder()
                .featuresDiscoverServices(false)
                .addFeature(ObserveFeature.just(HangupObserver.builder().enabled(true).build()))
                .build());
        assertEquals("The observer hangup is enabled, but the server does not have the feature hangup", refusal.getMessage());
    }

    private TestServer start(HangupObserver observer) {
        return TestServer.start(server -> server.addFeature(ObserveFeature.just(observer)), hangup -> { }, this::work);
    }

    private void work(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable(request -> {
            trail.workUntilInterrupted();
            return "never";
        }));
    }
}
