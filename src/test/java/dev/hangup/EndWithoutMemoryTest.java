package dev.hangup;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;
import java.util.stream.Stream;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The heap is exhausted when the end of a request is to be published. The end was lost, and the request stayed in flight. */
class EndWithoutMemoryTest {
    private final Trail trail = new Trail();

    @Test
    @Tag("departure")
    void endOfCancelledWorkIsPublishedWhenTheServerHasFinishedTheRequest() {
        try (Quiet ignored = Quiet.below(Level.OFF, "io.helidon");
                TestServer server = start((request, response) -> trail.workUntilInterrupted());
                RawClient client = server.connect().get("/")) {
            trail.await("started");
            Await.until("it is in flight", () -> server.hangup().inFlight().size() == 1);
            client.leave();
            trail.await("fails");
            assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    @Test
    void endOfWorkThatHasRespondedIsPublishedWhenTheServerHasFinishedTheRequest() {
        try (Quiet ignored = Quiet.below(Level.OFF, "io.helidon"); TestServer server = start((request, response) -> {
            trail.await("release");
            response.send("done");
        }); RawClient client = server.connect().get("/")) {
            Await.until("it is in flight", () -> server.hangup().inFlight().size() == 1);
            trail.add("release");
            assertEquals("done", client.read().text());
            trail.await("fails");
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    private TestServer start(Handler work) {
        Handler cancellable = Hangup.cancellable(work);
        return TestServer.start(hangup -> hangup.deadline(Duration.ofMinutes(1)), routing -> routing
                .get("/", (request, response) -> cancellable.handle(failing(request), response)));
    }

    /** A request that fails once when its end is to be published. */
    private ServerRequest failing(ServerRequest request) {
        AtomicInteger failures = new AtomicInteger();
        return (ServerRequest) Proxy.newProxyInstance(ServerRequest.class.getClassLoader(), new Class<?>[] {ServerRequest.class},
                                                      (proxy, method, arguments) -> {
            if (method.getName().equals("matchingPattern") && isInPublish() && failures.incrementAndGet() == 1) {
                trail.add("fails");
                throw new OutOfMemoryError("Java heap space");
            }
            try {
                return method.invoke(request, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private static boolean isInPublish() {
        return Stream.of(Thread.currentThread().getStackTrace()).anyMatch(it -> it.getMethodName().equals("publish")
                && it.getClassName().endsWith(".OutcomeReporter"));
    }
}
