package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.testing.Departure;
import dev.hangup.testing.Logged;
import dev.hangup.testing.LoggingLimit;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.common.concurrency.limits.AimdLimit;
import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The client leaves while its request waits for a permit of Helidon's concurrency limit. */
@Tag("departure")
class DepartureFromQueueTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final int BODY = 64 * 1024;

    private final Trail trail = new Trail();

    static List<Limit> limits() {
        return List.of(FixedLimit.builder().permits(1).queueLength(10).queueTimeout(LONG).build(),
                       AimdLimit.builder().minLimit(1).initialLimit(1).maxLimit(1).queueLength(10).queueTimeout(LONG).build());
    }

    @ParameterizedTest
    @MethodSource("limits")
    void laterClientGetsPermitThatTheyWaitedFor(Limit limit) {
        leavesItsPlace(Transport.CLEAR, limit, client -> client.get("/quick"), RawClient::leave);
    }

    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#all")
    void whateverTheWay(Departure departure) {
        leavesItsPlace(departure.transport(), limits().getFirst(), client -> client.get("/quick"), departure::leave);
    }

    @Test
    void behindBodyThatNobodyHasAskedForYet() {
        leavesItsPlace(Transport.CLEAR, limits().getFirst(),
                       client -> client.send("POST /quick HTTP/1.1\r\nHost: a\r\nContent-Length: " + BODY + "\r\n\r\n")
                               .send(new byte[BODY]),
                       RawClient::leave);
    }

    @Test
    void requestThatItsServerKnowsNothingOf() {
        leavesItsPlace(Transport.CLEAR, limits().getFirst(), client -> client.get("/plain"), RawClient::leave);
    }

    @Test
    void isLogged() {
        try (Logged log = Logged.by("dev.hangup")) {
            leavesItsPlace(Transport.CLEAR, limits().getFirst(), client -> client.get("/quick"), RawClient::leave);
            log.trail().awaitAny(it -> it.matches("disconnected in the queue for a permit"
                                                          + " peer=\\S+:\\d+ elapsed=\\d+\\.\\dms"), "a line");
        }
    }

    /** One has the permit, two wait for it and leave, and the one that comes after them gets it. */
    private void leavesItsPlace(Transport transport, Limit limit, Consumer<RawClient> request, Consumer<RawClient> leave) {
        try (TestServer server = TestServer.start(config -> {
            transport.configure(config);
            config.concurrencyLimit(new LoggingLimit(limit, trail));
        }, hangup -> { }, this::routing);
                RawClient first = transport.connect(server.port());
                RawClient second = transport.connect(server.port());
                RawClient third = transport.connect(server.port());
                RawClient last = transport.connect(server.port())) {
            first.get("/long");
            trail.await("started");
            request.accept(second);
            request.accept(third);
            trail.await("asked", 3);
            leave.accept(second);
            leave.accept(third);
            trail.await("turned away", 2);
            last.get("/quick");
            trail.await("asked", 4);
            trail.add("first may end");
            assertEquals("quick", last.read().text());
        }
        List<String> events = trail.events();
        assertEquals(List.of("asked", "let in", "started", "asked", "asked", "turned away", "turned away", "asked",
                             "first may end", "released", "let in", "quick"), events);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/long", Hangup.cancellable((request, response) -> {
                    trail.ignoreInterruptsUntil("first may end");
                    response.send();
                }))
                .any("/quick", Hangup.cancellable(request -> {
                    trail.add("quick");
                    return "quick";
                }))
                .any("/plain", (request, response) -> {
                    trail.add("plain");
                    response.send();
                });
    }
}
