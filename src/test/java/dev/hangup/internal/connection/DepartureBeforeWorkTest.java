package dev.hangup.internal.connection;

import java.util.ArrayList;
import java.util.List;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Departure;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The client has left before the handler begins: its work is stopped at once, if it begins at all. */
class DepartureBeforeWorkTest {
    private static final int CROWD = 50;

    private final Trail trail = new Trail();

    @Tag("departure")
    @ParameterizedTest
    @MethodSource("dev.hangup.testing.Departure#all")
    void whileAFilterTakesItsTime(Departure departure) {
        Transport transport = departure.transport();
        try (TestServer server = TestServer.start(transport, this::routing); RawClient client = server.connect().get("/work")) {
            trail.await("filter");
            departure.leave(client);
            trail.add("left");
            assertStopped(server.nextEnd());
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whileAFilterTakesItsTimeOverHttp2(boolean reset) {
        try (TestServer server = TestServer.start(this::routing);
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            int stream = client.get("/work");
            trail.await("filter");
            if (reset) {
                client.send(Http2Client.reset(stream));
                client.ping();
            } else {
                client.close();
            }
            trail.add("left");
            assertStopped(server.nextEnd());
        }
    }

    @Test
    void whileTheServersProcessIsStopped() throws Exception {
        try (FloodedServer server = FloodedServer.start()) {
            List<RawClient> known = new ArrayList<>();
            for (int i = 0; i < CROWD; i++) {
                known.add(server.connect());
            }
            server.health();
            server.pause();
            known.forEach(DepartureBeforeWorkTest::askAndLeave);
            for (int i = 0; i < CROWD; i++) {
                askAndLeave(server.connect());
            }
            server.resume();
            Await.until("all connections are gone", () -> server.threads() == 0);
            FloodedServer.Health health = server.health();
            assertEquals(0, health.working());
            assertTrue(health.begun() > 0, "no work has begun");
        }
    }

    private static void askAndLeave(RawClient client) {
        client.send("POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").leave();
    }

    private void assertStopped(RequestEnd end) {
        assertEquals(Outcome.DISCONNECTED, end.outcome());
        assertEquals(499, end.status());
        List<String> work = trail.events().stream().filter(it -> !it.equals("filter") && !it.equals("left")).toList();
        assertTrue(work.equals(List.of()) || work.equals(List.of("started", "interrupted")), work.toString());
    }

    private void routing(HttpRouting.Builder routing) {
        routing.addFilter((chain, request, response) -> {
            trail.add("filter");
            trail.await("left");
            chain.proceed();
        }).get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }
}
