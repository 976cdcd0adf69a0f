package dev.hangup.client;

import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.hangup.Computation;
import dev.hangup.Deadline;
import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.http.HeaderName;
import io.helidon.webclient.api.HttpClientRequest;
import io.helidon.webclient.api.WebClient;
import io.helidon.webserver.http.ServerRequest;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Services that are called are told of the deadline, or not called at all. */
class OutgoingDeadlineTest {
    private static final Duration SHORT = Duration.ofSeconds(50);
    private static final Duration NONE = Duration.ofNanos(1);
    private static final HeaderName HEADER = Deadline.HEADER_NAME;

    private final Trail called = new Trail();

    @Test
    void anyClientPropagatesWhatIsLeft() {
        assertPropagated(request -> {
            HttpRequest.Builder call = HttpRequest.newBuilder(URI.create("http://localhost/"));
            OutgoingDeadline.propagate(call::setHeader);
            return call.build().headers().firstValue(Deadline.HEADER).orElse("nothing");
        });
    }

    @Test
    void outsideOfARequestNothingIsTold() throws Exception {
        OutgoingDeadline.propagate((name, value) -> called.add(value));
        assertEquals(List.of(), called.events());
    }

    @Test
    void whoIsInterruptedTellsNobody() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> OutgoingDeadline.propagate((name, value) -> called.add(value)));
        assertEquals(List.of(), called.events());
    }

    @Test
    void cancelledWorkTellsNobodyThoughItsThreadIsNotInterrupted() throws Exception {
        Cancelled.call(() -> assertThrows(InterruptedException.class,
                                          () -> OutgoingDeadline.propagate((name, value) -> called.add(value))));
        assertEquals(List.of(), called.events());
    }

    @Test
    void workThatHasNoTimeLeftTellsNobodyAndHasNotFailed() {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(NONE, request -> {
            OutgoingDeadline.propagate((name, value) -> called.add(value));
            return "";
        }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(List.of(), called.events());
        }
    }

    @Test
    void helidonsClientTellsWhatIsLeft() {
        try (TestServer target = target()) {
            WebClient client = WebClient.builder().addService(new DeadlineService()).build();
            assertPropagated(request -> ask(client, target));
        }
    }

    @Test
    void helidonsClientTellsWhatIsLeftIfItsConfigurationSaysSo() {
        try (TestServer target = target()) {
            Config config = Config.just(ConfigSources.create(Map.of("services.hangup-deadline.enabled", "true")));
            WebClient client = WebClient.builder().config(config).build();
            assertPropagated(request -> ask(client, target));
        }
    }

    @Test
    void helidonsClientTellsNothingUnasked() {
        try (TestServer target = target()) {
            assertEquals("nothing", underHangup(SHORT, request -> ask(WebClient.create(), target)).text());
        }
    }

    @Test
    void whatACallSaysItselfCounts() {
        try (TestServer target = target()) {
            WebClient client = WebClient.builder().addService(new DeadlineService()).build();
            assertEquals("7000", underHangup(SHORT, request -> client.get("http://localhost:" + target.port())
                    .header(HEADER, "7000")
                    .requestEntity(String.class)).text());
        }
    }

    @Test
    void helidonsClientDoesNotCallAnybodyForWorkThatHasNoTimeLeft() {
        try (TestServer target = target()) {
            WebClient client = WebClient.builder().addService(new DeadlineService()).build();
            assertEquals(503, underHangup(NONE, request -> ask(client, target)).status());
            assertEquals(List.of(), called.events());
        }
    }

    @Test
    void helidonsClientThrowsForWhoIsInterruptedAndTheInterruptStatusStaysSet() {
        try (TestServer target = target()) {
            WebClient client = WebClient.builder().addService(new DeadlineService()).build();
            Thread.currentThread().interrupt();
            UncheckedIOException thrown;
            boolean interrupted;
            try {
                thrown = assertThrows(UncheckedIOException.class, () -> ask(client, target));
            } finally {
                interrupted = Thread.interrupted();
            }
            assertTrue(interrupted);
            assertInstanceOf(InterruptedException.class, thrown.getCause().getCause());
            assertEquals(List.of(), called.events());
        }
    }

    @Test
    void callThatSaysItselfWhatIsLeftIsMadeForCancelledWorkToo() throws Exception {
        try (TestServer target = target()) {
            WebClient client = WebClient.builder().addService(new DeadlineService()).build();
            assertEquals("7000", Cancelled.call(() -> client.get("http://localhost:" + target.port())
                    .header(HEADER, "7000")
                    .requestEntity(String.class)));
            assertEquals(List.of("called"), called.events());
            Cancelled.call(() -> assertThrows(UncheckedIOException.class, () -> ask(client, target)));
            assertEquals(List.of("called"), called.events());
        }
    }

    @Test
    void misspeltWordIsRefusedByItsKey() {
        Config config = Config.just(ConfigSources.create(Map.of("service.enabled", "ture")));
        ConfigException refusal = assertThrows(ConfigException.class, () -> DeadlineService.create(config.get("service"), "any"));
        assertTrue(refusal.getMessage().contains("service.enabled"), refusal.getMessage());
    }

    @Test
    void requestThatIsSentAgainTellsWhatIsLeftThen() {
        try (TestServer target = target()) {
            WebClient client = WebClient.builder().addService(new DeadlineService()).build();
            String[] told = underHangup(SHORT, request -> {
                HttpClientRequest call = client.get("http://localhost:" + target.port());
                String first = call.requestEntity(String.class);
                Await.until("less is left", () -> Deadline.current().orElseThrow().remaining().toMillis()
                        < Long.parseLong(first));
                return first + " " + call.requestEntity(String.class);
            }).text().split(" ");
            assertTrue(Long.parseLong(told[1]) < Long.parseLong(told[0]), String.join(" ", told));
        }
    }

    @Test
    void requestThatIsSentAgainWithoutTimeLeftIsNotSent() {
        try (TestServer target = target()) {
            WebClient client = WebClient.builder().addService(new DeadlineService()).build();
            HttpClientRequest call = client.get("http://localhost:" + target.port());
            underHangup(SHORT, request -> call.requestEntity(String.class));
            assertEquals(List.of("called"), called.events());
            assertEquals(503, underHangup(NONE, request -> call.requestEntity(String.class)).status());
            assertEquals(List.of("called"), called.events());
        }
    }

    private void assertPropagated(Computation<String> work) {
        int told = Integer.parseInt(underHangup(SHORT, work).text());
        // the time of the headers is not told, but that of the call
        assertTrue(told > 0 && told < SHORT.toMillis(), "told " + told);
    }

    private static RawClient.Response underHangup(Duration deadline, Computation<String> work) {
        try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(deadline, work)));
                RawClient client = server.connect()) {
            return client.get("/").read();
        }
    }

    private static String ask(WebClient client, TestServer target) {
        return client.get("http://localhost:" + target.port()).requestEntity(String.class);
    }

    /** Answers with what it was told. */
    private TestServer target() {
        return TestServer.start(routing -> routing.get("/", (request, response) -> {
            called.add("called");
            response.send(told(request).orElse("nothing"));
        }));
    }

    private static Optional<String> told(ServerRequest request) {
        return request.headers().first(HEADER);
    }
}
