package dev.hangup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What ignores interrupts counts against the bound of its route well before it is reported, and what ends soon never does. */
class BurstOfDeparturesTest {
    private static final int MAX = 16;

    private final Trail trail = new Trail();

    @Tag("departure")
    @Test
    void workThatGoesOnCountsLongBeforeItIsReported() {
        try (TestServer server = start(Duration.ofHours(1)); RawClient client = server.connect()) {
            List<RawClient> clients = Stream.generate(() -> server.connect().get("/stuck")).limit(MAX).toList();
            trail.await("started", MAX);
            assertEquals("done", client.get("/done").read().text());
            clients.forEach(RawClient::leave);
            Await.until("the route is full", () -> refused(server));
            assertEquals("done", client.get("/done").read().text());
            trail.add("release");
            Await.until("it is not any more", () -> !refused(server));
        }
    }

    /** Each comes 3 ms after the one before, and leaves after 50 ms, until one is refused. */
    @Tag("departure")
    @Test
    void aBurstOfClientsIsRefusedLongBeforeItsWorkIsReported() throws InterruptedException {
        try (TestServer server = start(Duration.ofHours(1))) {
            List<Thread> bursting = new ArrayList<>();
            long from = System.nanoTime();
            while (!trail.events().contains("refused") && System.nanoTime() - from < Await.TIME.toNanos()) {
                bursting.add(Thread.ofPlatform().start(() -> {
                    try (RawClient leaving = server.connect().get("/stuck")) {
                        TimeUnit.MILLISECONDS.sleep(50);
                    } catch (InterruptedException e) {
                        trail.add("a client was interrupted");
                    }
                    if (refused(server)) {
                        trail.add("refused");
                    }
                }));
                TimeUnit.MILLISECONDS.sleep(3);
            }
            for (Thread each : bursting) {
                each.join();
            }
            assertTrue(trail.events().contains("refused"), bursting.size() + " clients came");
            trail.add("release");
        }
    }

    @Test
    void aCrowdThatLeavesWorkThatEndsSoonClosesNoRoute() {
        try (TestServer server = start(Duration.ofSeconds(1)); RawClient client = server.connect()) {
            // the first departures of a JVM load classes, which takes far longer than the rest
            int first = 100;
            List<RawClient> firstCrowd = crowd(server, first);
            // work whose client leaves before it has begun does not begin
            trail.await("started", first);
            firstCrowd.forEach(RawClient::leave);
            trail.await("interrupted", first);
            Await.until("all has ended", () -> client.get("/obedient?quick").read().status() == 200);
            int clients = 500;
            List<RawClient> crowd = crowd(server, clients);
            trail.await("started", first + clients);
            crowd.forEach(RawClient::leave);
            while (trail.events().stream().filter("interrupted"::equals).count() < first + clients) {
                assertEquals(200, client.get("/obedient?quick").read().status());
            }
        }
    }

    private static List<RawClient> crowd(TestServer server, int clients) {
        return IntStream.range(0, clients).mapToObj(i -> server.connect().get("/obedient")).toList();
    }

    private TestServer start(Duration unresponsiveAfter) {
        return TestServer.start(hangup -> hangup.unresponsiveAfter(unresponsiveAfter).maxUnresponsive(MAX), routing -> routing
                .get("/stuck", Hangup.cancellable((request, response) -> {
                    if (!request.query().isEmpty()) {
                        response.send();
                        return;
                    }
                    trail.ignoreInterruptsUntil("release");
                }))
                .get("/obedient", Hangup.cancellable((request, response) -> {
                    if (request.query().isEmpty()) {
                        trail.workUntilInterrupted();
                    }
                    response.send();
                }))
                .get("/done", Hangup.cancellable(request -> "done")));
    }

    private static boolean refused(TestServer server) {
        try (RawClient client = server.connect()) {
            return client.get("/stuck?quick").read().status() == 503;
        }
    }
}
