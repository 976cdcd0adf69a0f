package dev.hangup;

import java.time.Duration;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class DeadlineTest {
    private final Trail trail = new Trail();

    @Test
    void theRoutesDeadlineStopsTheWork() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/work", Hangup.computing(Duration.ofMillis(50), request -> {
                    trail.workUntilInterrupted();
                    return "never";
                })));
                RawClient client = server.connect()) {
            client.get("/work");
            RawClient.Response response = client.read();
            assertEquals(503, response.status());
            assertEquals("application/problem+json", response.headers().get("content-type"));
            assertEquals("1", response.headers().get("retry-after"));
            assertEquals("", new String(client.readToEnd()));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void connectionGoesOnWhenTheWorkWins() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/work", Hangup.computing(request -> "done " + request.query().first("n").get())));
                RawClient client = server.connect()) {
            for (int i = 0; i < 1000; i++) {
                client.get("/work?n=" + i);
                assertEquals("done " + i, client.read().text());
                assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            }
        }
    }
}
