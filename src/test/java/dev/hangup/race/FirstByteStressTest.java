package dev.hangup.race;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;

import io.helidon.http.Status;
import io.helidon.webserver.http.RoutingResponse;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The work's first byte against the decision that it has lost, both at once: exactly one has the answer. */
class FirstByteStressTest {
    private static final int TIMES = 100_000;

    @Test
    void eitherTheWorkOrTheDecisionHasTheAnswer() {
        // a real response is needed to make views of
        try (TestServer server = TestServer.start(routing -> routing.get("/race", FirstByteStressTest::race));
                RawClient client = server.connect()) {
            client.get("/race");
            assertEquals("", client.read().text());
        }
    }

    private static void race(ServerRequest request, ServerResponse response) throws Exception {
        AtomicReference<ResponseView> current = new AtomicReference<>();
        boolean[] took = new boolean[1];
        CyclicBarrier barrier = new CyclicBarrier(2);
        Thread work = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < TIMES; i++) {
                meet(barrier);
                took[0] = current.get().take();
                meet(barrier);
            }
        });
        int both = 0;
        int neither = 0;
        int byWork = 0;
        for (int i = 0; i < TIMES; i++) {
            ResponseView view = new ResponseView(request, (RoutingResponse) response);
            current.set(view);
            meet(barrier);
            if (i % 2 == 0) {
                Thread.onSpinWait();
            }
            boolean due = view.detach(Status.SERVICE_UNAVAILABLE_503);
            meet(barrier);
            both += due && took[0] ? 1 : 0;
            neither += !due && !took[0] ? 1 : 0;
            byWork += took[0] ? 1 : 0;
            if (view.attached() || view.take()) {
                neither++;
            }
        }
        work.join();
        String seen = both + " times both, " + neither + " times neither or too late; the work had " + byWork;
        response.status(200).send(both + neither == 0 && byWork > 0 && byWork < TIMES ? "" : seen);
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
