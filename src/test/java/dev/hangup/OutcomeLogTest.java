package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.common.configurable.AllowList;
import io.helidon.http.RequestedUriDiscoveryContext.RequestedUriDiscoveryType;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the log, filters and access logs see of how requests ended. */
class OutcomeLogTest {
    private final Trail trail = new Trail();

    @Test
    @Tag("departure")
    void departureIsOneLineWithoutAStackTrace() {
        try (Logged log = Logged.by("dev.hangup");
                Logged trouble = Logged.trouble("");
                TestServer server = TestServer.start(this::working);
                RawClient client = server.connect()) {
            client.get("/work/7");
            trail.await("started");
            client.leave();
            server.nextEnd();
            server.close();
            assertOneLine(log, "disconnected GET /work/\\{id} id=\\d+ peer=127.0.0.1:\\d+ status=499 elapsed=\\d+\\.\\dms "
                    + "stopping=\\d+\\.\\dms thread=#\\d+ hangup-work \\d+ GET /work/\\{id}");
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Test
    void deadlineIsOneLine() {
        try (Logged log = Logged.by("dev.hangup");
                Logged trouble = Logged.trouble("");
                TestServer server = TestServer.start(this::working);
                RawClient client = server.connect()) {
            client.get("/late/7");
            client.read();
            server.nextEnd();
            server.close();
            assertOneLine(log, "deadline-exceeded GET /late/\\{id} id=\\d+ peer=127.0.0.1:\\d+ status=503 elapsed=\\d+\\.\\dms "
                    + "stopping=\\d+\\.\\dms thread=#\\d+ hangup-work \\d+ GET /late/\\{id}");
            assertEquals(List.of(), trouble.trail().events());
        }
    }

    @Test
    void failureIsOneLineAndCompletionIsNone() {
        try (Logged log = Logged.by("dev.hangup");
                TestServer server = TestServer.start(routing -> routing
                        .get("/fine", Hangup.cancellable(request -> "done"))
                        .get("/broken", Hangup.cancellable((req, res) -> res.status(Status.BAD_GATEWAY_502).send())));
                RawClient client = server.connect()) {
            client.get("/fine");
            client.read();
            client.get("/broken");
            client.read();
            server.nextEnd();
            server.nextEnd();
            server.close();
            assertOneLine(log, "failed GET /broken id=\\d+ peer=127.0.0.1:\\d+ status=502 elapsed=\\d+\\.\\dms");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            127.0.0.1 | for=6.6.6.6, for=192.0.2.7             | 192.0.2.7
            127.0.0.1 | for=6.6.6.6, for="192.0.2.7:4711"      | 192.0.2.7:4711
            127.0.0.1 | for="[2001:db8::1]"                    | 2001:db8:0:0:0:0:0:1
            127.0.0.1 | for=unknown                            | 127.0.0.1:\\d+
            10.0.0.1  | for=192.0.2.7                          | 127.0.0.1:\\d+""")
    void peerIsTheClientBehindATrustedProxy(String trusted, String forwarded, String peer) {
        try (Logged log = Logged.by("dev.hangup");
                TestServer server = TestServer.start(
                        config -> config.requestedUriDiscoveryContext(it -> it
                                .addDiscoveryType(RequestedUriDiscoveryType.FORWARDED)
                                .trustedProxies(AllowList.builder().addAllowed(trusted).build())),
                        hangup -> { },
                        routing -> routing.get("/broken", Hangup.cancellable((req, res) ->
                                res.status(Status.BAD_GATEWAY_502).send())));
                RawClient client = server.connect()) {
            client.get("/broken", "Forwarded: " + forwarded + "\r\n").read();
            assertTrue(server.nextEnd().peer().matches(peer));
            server.close();
            assertOneLine(log, "failed GET /broken id=\\d+ peer=" + peer + " status=502 elapsed=\\d+\\.\\dms");
        }
    }

    @Test
    @Tag("departure")
    void filtersSeeTheStatusOfADeparture() {
        assertFiltersSee(499, hangup -> { });
    }

    @Test
    @Tag("departure")
    void filtersSeeTheStatusThatWasConfiguredForADeparture() {
        assertFiltersSee(503, hangup -> hangup.disconnectedStatus(503));
    }

    @Test
    void filtersSeeTheStatusOfADeadline() {
        try (TestServer server = TestServer.start(routing -> working(routing).addFilter((chain, request, response) -> {
            response.whenSent(() -> trail.add("sent " + response.status().code()));
            chain.proceed();
            trail.add("filter " + response.status().code());
        })); RawClient client = server.connect()) {
            client.get("/work/7", "X-Request-Timeout-Ms: 50\r\n");
            client.read();
            server.nextEnd();
            trail.await("filter 503");
            assertEquals(List.of("sent 503", "filter 503"),
                         trail.events().stream().filter(it -> it.endsWith("503")).toList());
        }
    }

    private void assertFiltersSee(int status, Consumer<HangupConfig.Builder> hangup) {
        try (TestServer server = TestServer.start(hangup, routing -> working(routing).addFilter((chain, request, response) -> {
            response.whenSent(() -> trail.add("sent " + response.status().code()));
            chain.proceed();
            trail.add("filter " + response.status().code());
        })); RawClient client = server.connect()) {
            client.get("/work/7");
            trail.await("started");
            client.leave();
            trail.await("filter " + status);
            trail.await("sent " + status);
            assertEquals(status, server.nextEnd().status());
        }
    }

    private static void assertOneLine(Logged log, String pattern) {
        List<String> lines = log.trail().events().stream().filter(it -> !it.startsWith("Hangup is active ")).toList();
        assertEquals(1, lines.size(), lines.toString());
        assertTrue(lines.getFirst().matches(pattern), lines.getFirst());
    }

    private HttpRouting.Builder working(HttpRouting.Builder routing) {
        return routing.get("/work/{id}", Hangup.cancellable(Duration.ofSeconds(60), request -> {
            trail.workUntilInterrupted();
            return "never";
        })).get("/late/{id}", Hangup.cancellable((request, response) -> {
            Time.isUp(request, response);
            trail.workUntilInterrupted();
        }));
    }
}
