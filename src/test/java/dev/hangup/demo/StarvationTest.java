package dev.hangup.demo;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

import dev.hangup.Hangup;
import dev.hangup.cpu.CpuBound;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Requests that compute, eight times as many as there are processors, take nothing from the others. */
class StarvationTest {
    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
    private static final int WAITING = 7 * PROCESSORS;

    private final CpuBound cpu = CpuBound.builder().queue(WAITING).build();

    @Test
    void othersAreAnsweredWhileAllProcessorsCompute() {
        try (TestServer server = TestServer.start(routing -> routing
                .get("/cpu", Hangup.cancellable(Duration.ofMinutes(30), new Primes(cpu)))
                .get("/bare", (request, response) -> response.send(new Sleep().compute(request)))
                .get("/hangup", Hangup.cancellable(new Sleep())))) {
            List<RawClient> computing = Stream.generate(() -> server.connect().get("/cpu?seconds=3600"))
                    .limit(PROCESSORS + WAITING)
                    .toList();
            assertAllInFlight();
            try (RawClient client = server.connect()) {
                for (int i = 0; i < 50; i++) {
                    assertEquals(200, client.get("/bare?seconds=0").read().status());
                    assertEquals(200, client.get("/hangup?seconds=0").read().status());
                }
                assertEquals(503, client.get("/cpu?seconds=0").read().status());
            }
            assertAllInFlight();
            computing.forEach(RawClient::leave);
        }
        Await.until("all permits are back", () -> cpu.running() == 0 && cpu.waiting() == 0);
    }

    private void assertAllInFlight() {
        Await.until("all compute or wait", () -> cpu.running() == PROCESSORS && cpu.waiting() == WAITING);
    }
}
