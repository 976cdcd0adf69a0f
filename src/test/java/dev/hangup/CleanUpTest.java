package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

import dev.hangup.internal.race.OffThreadTask;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Work that was interrupted may clean up, and block while it does: nobody interrupts it a second time. */
class CleanUpTest {
    private static final List<String> IN_PEACE = List.of("started", "interrupted", "cleaning up", "release", "cleaned up");

    private final Trail trail = new Trail();

    @Test
    @Tag("departure")
    void inPeaceWhenTheClientHasLeft() {
        try (TestServer server = start(config -> { }, cleaningUp())) {
            RawClient client = server.connect().get("/");
            trail.await("started");
            client.leave();
            trail.await("cleaning up");
            trail.add("release");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertEquals(IN_PEACE, trail.events());
        }
    }

    @Test
    void inPeaceWhenItsTimeIsUp() {
        try (TestServer server = start(config -> { }, (request, response) -> {
            Time.isUp(request, response);
            cleaningUp().handle(request, response);
        }); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            trail.await("cleaning up");
            // the connection ends, and with it all that could still interrupt
            client.endOutput();
            trail.add("release");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(IN_PEACE, trail.events());
        }
    }

    @Test
    void inPeaceWhenTheServerHasStopped() {
        inPeaceAfterTheEndOfHttp1(start(CleanUpTest::briefly, cleaningUp()));
    }

    @Test
    void inPeaceWhenTheServerHasStoppedWhoseConnectionsAreNotWatched() {
        inPeaceAfterTheEndOfHttp1(start(config -> briefly(config)
                .protocolsDiscoverServices(false)
                .addConnectionSelector(Http1ConnectionSelector.builder().config(Http1Config.create()).build()), cleaningUp()));
    }

    @Test
    void inPeaceOnAnotherThreadWhenTheServerHasStopped() {
        Handler cleaningUp = cleaningUp();
        inPeaceAfterTheEndOfHttp1(start(CleanUpTest::briefly, (request, response) -> OffThreadTask.call("test",
                Thread.ofPlatform().daemon().factory(), () -> {
                    cleaningUp.handle(request, response);
                    return "done";
                }, Thread::interrupt)));
    }

    @Test
    void inPeaceWhenTheServerHasStoppedThatSpeaksHttp2() {
        try (TestServer server = start(CleanUpTest::briefly, cleaningUp());
                Http2Client client = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port())) {
            client.get("/");
            inPeaceAfterTheEndOf(server);
        }
    }

    private void inPeaceAfterTheEndOfHttp1(TestServer started) {
        try (TestServer server = started; RawClient client = server.connect()) {
            client.get("/");
            inPeaceAfterTheEndOf(server);
        }
    }

    /** Helidon's grace ends while the work cleans up: it interrupts the connection's thread then, and closes. */
    private void inPeaceAfterTheEndOf(TestServer server) {
        trail.await("started");
        CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
        trail.await("cleaning up");
        stopped.join();
        trail.add("release");
        assertEquals(Outcome.SHUTDOWN, server.nextEnd().outcome());
        assertEquals(IN_PEACE, trail.events());
    }

    private static TestServer start(Consumer<WebServerConfig.Builder> server, Handler handler) {
        return TestServer.start(server, hangup -> hangup.drain(Duration.ZERO),
                                routing -> routing.get("/", Hangup.cancellable(handler)));
    }

    private Handler cleaningUp() {
        return (request, response) -> {
            try {
                trail.workUntilInterrupted();
            } finally {
                trail.add(Thread.currentThread().isInterrupted() ? "still interrupted" : "cleaning up");
                trail.awaitInterruptibly("release");
                trail.add("cleaned up");
            }
        };
    }

    private static WebServerConfig.Builder briefly(WebServerConfig.Builder config) {
        return config.shutdownGracePeriod(Duration.ofMillis(100));
    }
}
