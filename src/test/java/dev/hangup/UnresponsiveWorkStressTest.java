package dev.hangup;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import dev.hangup.outcome.OutcomeListener;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.outcome.UnresponsiveWork;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Work that ends in the instant in which it would become unresponsive: told of twice or not at all, and nothing is left of it. */
class UnresponsiveWorkStressTest {
    private static final int CLIENTS = 4;
    private static final int REQUESTS = 250;
    private static final long SEED = 20261122;

    private final Listener listener = new Listener();

    @Test
    void everyReportHasItsEndAndNothingIsLeft() throws Exception {
        Hangup hangup = Hangup.builder()
                .unresponsiveAfter(Duration.ofMillis(1))
                // a client's last work may still be counted when it comes with the next
                .maxUnresponsive(2 * CLIENTS)
                .lingeringClose(Duration.ofMillis(10))
                .addListener(listener)
                .build();
        try (TestServer server = TestServer.start(
                config -> config.featuresDiscoverServices(false).clearFeatures().addFeature(hangup),
                ignored -> { },
                routing -> routing.get("/work/{micros}", Hangup.cancellable(this::work)));
                ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(SEED + i);
                running.add(clients.submit(() -> requests(server, random)));
            }
            for (Future<?> client : running) {
                client.get();
            }
            Await.until("all requests have ended", () -> listener.requests.get() == CLIENTS * REQUESTS);
            assertEquals(List.of(), hangup.unresponsive());
            Await.until("all ends were told", () -> listener.open.isEmpty());
            assertEquals(0, listener.unexpected.get());
            String seen = listener.told + " told";
            assertTrue(listener.told.get() > 50 && listener.told.get() < CLIENTS * REQUESTS - 50, seen);
        }
    }

    private void work(ServerRequest request, ServerResponse response) throws Exception {
        long micros = Long.parseLong(request.path().pathParameters().get("micros"));
        Time.isUp(request, response);
        long until = System.nanoTime() + 1_000 * micros;
        while (System.nanoTime() < until) {
            Thread.yield();
        }
        // where the machine is so busy that nobody has cut it off yet
        response.send("late");
    }

    private static void requests(TestServer server, Random random) {
        for (int i = 0; i < REQUESTS; i++) {
            try (RawClient client = server.connect()) {
                String answer = client.get("/work/" + (500 + random.nextInt(1_500))).read().text();
                assertTrue(answer.contains("The deadline of this request has passed") || answer.equals("late"), answer);
            }
        }
    }

    private static final class Listener implements OutcomeListener {
        private final AtomicInteger requests = new AtomicInteger();
        private final AtomicInteger told = new AtomicInteger();
        private final AtomicInteger unexpected = new AtomicInteger();
        /** By its client, which is another for each. */
        private final ConcurrentHashMap<String, UnresponsiveWork> open = new ConcurrentHashMap<>();

        @Override
        public void ended(RequestEnd end) {
            requests.incrementAndGet();
        }

        @Override
        public void unresponsive(UnresponsiveWork work) {
            told.incrementAndGet();
            if (open.put(work.peer(), work) != null) {
                unexpected.incrementAndGet();
            }
        }

        @Override
        public void unresponsiveEnded(UnresponsiveWork work) {
            if (open.remove(work.peer()) == null) {
                unexpected.incrementAndGet();
            }
        }
    }
}
