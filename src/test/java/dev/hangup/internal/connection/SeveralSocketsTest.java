package dev.hangup.internal.connection;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.OutcomeListener;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A server that listens on two sockets. */
class SeveralSocketsTest {
    private final Trail trail = new Trail();

    @Test
    @Tag("departure")
    void departureIsNoticedOnEach() {
        try (TestServer server = TestServer.start(config -> config.putSocket("other", socket -> socket.routing(this::work)),
                                                  hangup -> { }, this::work)) {
            for (int port : new int[] {server.port(), server.server().port("other")}) {
                try (RawClient client = RawClient.connect(port)) {
                    client.get("/work");
                    trail.await("started", port == server.port() ? 1 : 2);
                    client.leave();
                    assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
                }
            }
            trail.await("interrupted", 2);
        }
    }

    /** A connection of the other is not even wrapped. */
    @Test
    void socketThatIsNotNamedIsLeftAsItWas() {
        try (TestServer server = TestServer.start(config -> config.putSocket("other", socket -> socket.routing(this::plain)),
                                                  hangup -> hangup.sockets(Set.of("@default"))
                                                          .addPath(HangupPathConfig.builder().path("/*").build()),
                                                  this::plain);
                RawClient watched = server.connect();
                RawClient other = RawClient.connect(server.server().port("other"))) {
            assertEquals("WatchedPeer", watched.get("/peer").read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertEquals("PeerInfoImpl", other.get("/peer").read().text());
            assertEquals(0, server.endsLeft());
        }
    }

    /** Deadlines hold wherever a handler was made cancellable. */
    @Test
    void cancellableHandlerOnSocketThatIsNotNamedHasItsDeadline() {
        try (TestServer server = TestServer.start(config -> config.putSocket("other", socket -> socket.routing(this::work)),
                                                  hangup -> hangup.sockets(Set.of("@default")), this::work);
                RawClient other = RawClient.connect(server.server().port("other"))) {
            other.get("/work", "X-Request-Timeout-Ms: 50\r\n");
            assertEquals(503, other.read().status());
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    /** The sockets stop one after the other, and a listener that does not return delays the stop once, not once for each. */
    @Test
    void stopWaitsForListenersOnlyWhenAllSocketsHaveStopped() throws InterruptedException {
        CountDownLatch goOn = new CountDownLatch(1);
        LinkedBlockingQueue<Outcome> notified = new LinkedBlockingQueue<>();
        OutcomeListener late = end -> {
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            notified.add(end.outcome());
        };
        Consumer<HttpRouting.Builder> routes = routing -> routing.addFeature(new Stopping(trail))
                .get("/", Hangup.cancellable(request -> "done"));
        try (TestServer server = TestServer.start(config -> config.putSocket("other", socket -> socket.routing(routes::accept)),
                                                  hangup -> hangup.addListener(late), routes)) {
            try (RawClient client = server.connect()) {
                assertEquals("done", client.get("/").read().text());
            }
            server.nextEnd();
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            trail.await("stopped");
            long first = System.nanoTime();
            trail.await("stopped", 2);
            Duration between = Duration.ofNanos(System.nanoTime() - first);
            // the time that a stopping server allows its listeners is 3 s
            assertTrue(between.compareTo(Duration.ofMillis(2500)) < 0, "The other socket stopped " + between + " later");
            goOn.countDown();
            stopped.join();
            assertEquals(Outcome.COMPLETED, notified.poll(Await.TIME.toMillis(), TimeUnit.MILLISECONDS));
        }
    }

    private void work(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }

    private void plain(HttpRouting.Builder routing) {
        routing.get("/peer", (request, response) -> response.send(request.remotePeer().getClass().getSimpleName()));
    }

    /** Leaves "stopped" when its socket has stopped, before Hangup is notified of that. */
    private record Stopping(Trail trail) implements HttpFeature {
        @Override
        public void setup(HttpRouting.Builder routing) {
            // no routes
        }

        @Override
        public void afterStop() {
            trail.add("stopped");
        }
    }
}
