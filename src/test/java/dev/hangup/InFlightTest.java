package dev.hangup;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

import dev.hangup.outcome.InFlightRequest;
import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Requests in flight, as an operator sees and cancels them. */
class InFlightTest {
    private final Trail trail = new Trail();

    @Test
    void listsRequestsThatLast() {
        try (TestServer server = start(); RawClient client = server.connect().get("/work/7")) {
            InFlightRequest request = awaitOne(server);
            assertEquals("GET", request.request().method());
            assertEquals("/work/{id}", request.request().route());
            assertTrue(request.request().peer().endsWith(":" + client.socket().getLocalPort()), request.toString());
            assertTrue(request.elapsed().isPositive());
            Duration remaining = request.remaining().orElseThrow();
            assertTrue(remaining.compareTo(Duration.ofSeconds(30)) <= 0 && remaining.isPositive());
            assertEquals(Optional.empty(), request.cancelled());
            trail.add("release");
            assertEquals(200, client.read().status());
            Await.until("none is in flight", () -> server.hangup().inFlight().isEmpty());
        }
    }

    @Test
    void cancelledByItsNumberAndItsClientIsAnswered() {
        try (TestServer server = start(); RawClient client = server.connect().get("/work/7");
                RawClient other = server.connect().get("/work/8")) {
            Await.until("both are in flight", () -> server.hangup().inFlight().size() == 2);
            trail.await("started", 2);
            InFlightRequest first = server.hangup().inFlight().getFirst();
            RawClient cancelled = first.request().peer().endsWith(":" + client.socket().getLocalPort()) ? client : other;
            assertTrue(server.hangup().cancel(first.request().id()));
            RawClient.Response response = cancelled.read();
            assertEquals(503, response.status());
            assertEquals(null, response.headers().get("retry-after"));
            RequestEnd end = server.nextEnd();
            assertEquals(first.request().id(), end.id());
            assertEquals(Outcome.CANCELLED, end.outcome());
            assertEquals(List.of("started", "started", "interrupted"), trail.events());
            assertFalse(server.hangup().cancel(first.request().id()), "twice");
            trail.add("release");
            assertEquals(200, (cancelled == client ? other : client).read().status());
        }
    }

    @Test
    void workThatIgnoresItsCancellationStaysListedWithTheReason() {
        try (TestServer server = start(); RawClient client = server.connect().get("/ignores")) {
            InFlightRequest request = awaitOne(server);
            trail.await("started");
            assertTrue(server.hangup().cancel(request.request().id()));
            assertEquals(503, client.read().status());
            assertEquals(Optional.of(Outcome.CANCELLED), awaitOne(server).cancelled());
            assertFalse(server.hangup().cancel(request.request().id()), "twice");
            trail.add("release");
            assertEquals(Outcome.CANCELLED, server.nextEnd().outcome());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    @Test
    void unknownNumbersAreNotCancelled() {
        try (TestServer server = start()) {
            assertFalse(server.hangup().cancel(0));
            assertFalse(server.hangup().cancel(Long.MAX_VALUE));
            assertFalse(server.hangup().cancel(-1));
        }
    }

    /** No listener of the application: the end of the first race is published without events. */
    @Test
    void requestThatHasEndedDoesNotComeBackWithAnotherRace() {
        Handler quick = Hangup.cancellable(request -> "done");
        AtomicReference<Thread> worker = new AtomicReference<>();
        Handler lasting = Hangup.cancellable((request, response) -> {
            worker.set(Thread.currentThread());
            trail.awaitInterruptibly("release");
        });
        Hangup hangup = Hangup.builder().build();
        WebServer server = WebServer.builder()
                .host("localhost")
                .addFeature(hangup)
                .routing(routing -> routing.get("/", (request, response) -> {
                    quick.handle(request, response);
                    try {
                        lasting.handle(request, response);
                    } finally {
                        trail.add("over");
                    }
                }))
                .build()
                .start();
        try (RawClient client = RawClient.connect(server.port())) {
            assertEquals("done", client.get("/").read().text());
            Await.until("the second race is watched",
                        () -> worker.get() != null && worker.get().getName().startsWith("hangup-work "));
            assertEquals(List.of(), hangup.inFlight());
            trail.add("release");
            trail.await("over");
            assertEquals(List.of(), hangup.inFlight());
        } finally {
            server.stop();
        }
    }

    private static InFlightRequest awaitOne(TestServer server) {
        Await.until("one is in flight", () -> server.hangup().inFlight().size() == 1);
        return server.hangup().inFlight().getFirst();
    }

    private TestServer start() {
        return TestServer.start(routing -> routing
                .get("/work/{id}", Hangup.cancellable(request -> {
                    trail.add("started");
                    try {
                        trail.awaitInterruptibly("release");
                    } catch (InterruptedException e) {
                        trail.add("interrupted");
                        throw e;
                    }
                    return "done";
                }))
                .get("/ignores", Hangup.cancellable(request -> {
                    trail.ignoreInterruptsUntil("release");
                    return "dropped";
                })));
    }
}
