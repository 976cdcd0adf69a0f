package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import dev.hangup.Hangup;
import dev.hangup.internal.time.Timer;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Requests that were accepted before the server stops, and whose work begins when its time for them is over. */
class DrainTest {
    private final Trail trail = new Trail();

    @Test
    void workThatBeginsAfterwardsIsStopped() {
        try (TestServer server = start(); RawClient client = server.connect()) {
            client.get("/work");
            CompletableFuture<Void> stopped = stop(server);
            assertEquals(503, client.read().status());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            stopped.join();
        }
    }

    @ParameterizedTest
    @EnumSource
    void workOfAStreamThatBeginsAfterwardsIsStopped(Http2Opening opening) {
        try (TestServer server = start(opening); Http2Client client = opening.connect(server.port())) {
            int id = client.get("/work");
            CompletableFuture<Void> stopped = stop(server);
            assertEquals(503, client.answer(id).status());
            assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
            stopped.join();
        }
    }

    private CompletableFuture<Void> stop(TestServer server) {
        trail.await("accepted");
        return CompletableFuture.runAsync(server::close);
    }

    private TestServer start() {
        return start(Http2Opening.PRIOR_KNOWLEDGE);
    }

    private TestServer start(Http2Opening opening) {
        return TestServer.start(it -> {
            opening.configure(it);
            it.shutdownGracePeriod(Await.TIME.multipliedBy(2));
        }, hangup -> hangup.drain(Duration.ZERO), this::routing);
    }

    private void routing(HttpRouting.Builder routing) {
        routing.get("/work", (request, response) -> {
            trail.add("accepted");
            awaitDrain(request);
            response.next();
        }, Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }

    /** Returns when the timer of the drain has stopped what runs on the connection. */
    private static void awaitDrain(ServerRequest request) throws Exception {
        Drain drain = ((WatchedExchange) Exchange.of(request)).connection().drain;
        Await.until("the drain is over", drain::isOver);
        // there is one timer, which runs one action after the other
        Timer.after(Duration.ofMillis(10), () -> { }).get();
    }
}
