package dev.hangup;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.hangup.outcome.Outcome;
import dev.hangup.outcome.RequestEnd;
import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/**
 * Work that lasts, whose watcher's thread cannot be started. In these tests it is the last step before that start that fails: the
 * thread that runs the race names the thread of the work.
 */
class WatcherWithoutThreadTest {
    private final Trail trail = new Trail();
    /** The thread of the work, once that has begun. */
    private final CompletableFuture<Thread> worker = new CompletableFuture<>();
    private Logged quiet;

    @BeforeEach
    void expectFailures() {
        quiet = Logged.by("dev.hangup");
    }

    @AfterEach
    void restoreLog() {
        quiet.close();
    }

    /** Helidon reads the rest of a body before it responds. */
    @ParameterizedTest
    @EnumSource
    void workIsStoppedAndHasAnOutcomeAndItsClientHasAResponseAtTheDeadline(Transport transport) {
        try (TestServer server = start(transport, () -> trail.await("started"),
                                       (request, response) -> trail.workUntilInterrupted());
                RawClient client = server.connect()) {
            client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n0123456789");
            assertEquals(500, client.read().status());
            assertEquals(List.of("started", "fails", "interrupted"), trail.events());
            RequestEnd end = server.nextEnd();
            assertEquals(Outcome.FAILED, end.outcome());
            assertEquals(500, end.status());
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    @Test
    void workThatHasEndedMeanwhileHasWon() {
        try (TestServer server = start(Transport.CLEAR, () -> {
            trail.add("named");
            awaitEnd(worker.join());
        }, (request, response) -> {
            trail.await("named");
            response.send("done");
        }); RawClient client = server.connect()) {
            client.get("/");
            assertEquals("done", client.read().text());
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            quiet.trail().await("A race failed; it has ended as RETURNED");
            assertEquals(List.of(), server.hangup().inFlight());
        }
    }

    private TestServer start(Transport transport, Runnable first, Handler work) {
        Handler cancellable = Hangup.cancellable((request, response) -> {
            worker.complete(Thread.currentThread());
            work.handle(request, response);
        });
        return TestServer.start(transport, hangup -> hangup.deadline(Duration.ofSeconds(2)), routing -> routing
                .any("/", (request, response) -> cancellable.handle(failing(request, first), response)));
    }

    /** A request that fails when the work's thread is named after it. */
    private ServerRequest failing(ServerRequest request, Runnable first) {
        return (ServerRequest) Proxy.newProxyInstance(ServerRequest.class.getClassLoader(), new Class<?>[] {ServerRequest.class},
                                                      (proxy, method, arguments) -> {
            List<String> calls = calls();
            if (calls.contains("needsWatcher") && !calls.contains("nameWorker")) {
                // work that begins later names its own thread
                worker.get(Await.TIME.toSeconds(), TimeUnit.SECONDS);
            } else if (calls.contains("needsWatcher") && method.getName().equals("prologue")) {
                first.run();
                trail.add("fails");
                throw new OutOfMemoryError("unable to create native thread");
            }
            try {
                return method.invoke(request, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }

    private static List<String> calls() {
        return Stream.of(Thread.currentThread().getStackTrace()).map(StackTraceElement::getMethodName).toList();
    }

    private static void awaitEnd(Thread thread) {
        try {
            thread.join(Await.TIME);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
