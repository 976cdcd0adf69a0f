package dev.hangup.internal.connection;

import java.util.Set;

import dev.hangup.Hangup;
import dev.hangup.HangupPathConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

    private void work(HttpRouting.Builder routing) {
        routing.get("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }

    private void plain(HttpRouting.Builder routing) {
        routing.get("/peer", (request, response) -> response.send(request.remotePeer().getClass().getSimpleName()));
    }
}
