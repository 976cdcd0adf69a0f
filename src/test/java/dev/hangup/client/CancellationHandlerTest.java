package dev.hangup.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.faulttolerance.Bulkhead;
import io.helidon.faulttolerance.CircuitBreaker;
import io.helidon.faulttolerance.Fallback;
import io.helidon.faulttolerance.FaultTolerance;
import io.helidon.faulttolerance.FtHandler;
import io.helidon.faulttolerance.FtHandlerTyped;
import io.helidon.faulttolerance.Retry;
import io.helidon.faulttolerance.SupplierException;
import io.helidon.faulttolerance.Timeout;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What Helidon's fault tolerance makes of a client that leaves. */
class CancellationHandlerTest {
    private static final CancellationHandler HANDLER = CancellationHandler.create();

    private final Trail trail = new Trail();
    /** What the chain of handlers has thrown. */
    private final AtomicReference<RuntimeException> thrown = new AtomicReference<>();

    /** On the caller's thread, and on one of Helidon's. */
    @Tag("departure")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRetryAroundATimeoutBeginsNoAttemptAfterADeparture(boolean currentThread) {
        FtHandler calls = FaultTolerance.builder().addTimeout(timeout(currentThread)).add(HANDLER).addRetry(retry()).build();
        leaveDuring(() -> calls.invoke(this::attempt));
        assertEquals(1, attempts());
        assertInstanceOf(InterruptedException.class, assertInstanceOf(SupplierException.class, thrown.get()).getCause());
        trail.add("release");
    }

    @Tag("departure")
    @Test
    void aRetryAloneBeginsNoAttemptAfterADeparture() {
        FtHandler calls = FaultTolerance.builder().add(HANDLER).addRetry(retry()).build();
        leaveDuring(() -> calls.invoke(this::attempt));
        assertEquals(1, attempts());
    }

    @Tag("departure")
    @Test
    void departuresOpenNoCircuitBreaker() {
        CircuitBreaker breaker = breaker();
        FtHandler calls = FaultTolerance.builder().addTimeout(timeout(true)).add(HANDLER).addBreaker(breaker).build();
        leaveDuring(() -> calls.invoke(this::attempt), 4);
        assertEquals(CircuitBreaker.State.CLOSED, breaker.state());
        for (int failure = 0; failure < 4; failure++) {
            assertThrows(RuntimeException.class, () -> calls.invoke(() -> {
                throw new IllegalStateException("of the service");
            }));
        }
        assertEquals(CircuitBreaker.State.OPEN, breaker.state());
        breaker.state(CircuitBreaker.State.CLOSED);
    }

    /** Those that wait for their turn leave, and only they. */
    @Tag("departure")
    @Test
    void departuresFromAFullBulkheadOpenNoCircuitBreaker() {
        Bulkhead bulkhead = Bulkhead.builder().limit(1).queueLength(10).build();
        CircuitBreaker breaker = breaker();
        FtHandler calls = FaultTolerance.builder().addBulkhead(bulkhead).add(HANDLER).addBreaker(breaker).build();
        Thread busy = Thread.ofVirtual().start(() -> bulkhead.invoke(() -> {
            trail.ignoreInterruptsUntil("release");
            return "done";
        }));
        trail.await("started");
        try (TestServer server = serve(() -> calls.invoke(this::attempt))) {
            List<RawClient> clients = List.of(server.connect().get("/"), server.connect().get("/"), server.connect().get("/"));
            Await.until("all wait", () -> bulkhead.stats().waitingQueueSize() == clients.size());
            clients.forEach(RawClient::leave);
            for (RawClient ignored : clients) {
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
        }
        assertEquals(0, attempts());
        assertEquals(0, bulkhead.stats().waitingQueueSize());
        assertEquals(CircuitBreaker.State.CLOSED, breaker.state());
        trail.add("release");
        Await.until("the busy one ends", () -> !busy.isAlive());
        assertEquals("value", bulkhead.invoke(() -> "value"));
    }

    @Tag("departure")
    @Test
    void noFallbackIsComputedForAClientThatHasLeft() {
        FtHandlerTyped<String> calls = FaultTolerance.builder().addTimeout(timeout(true)).add(HANDLER)
                .addFallback(Fallback.<String>create(builder -> builder.addSkipOn(InterruptedException.class)
                        .fallback(failure -> {
                            trail.add("fallback");
                            return "instead";
                        })))
                .build();
        leaveDuring(() -> calls.invoke(this::attempt));
        assertTrue(!trail.events().contains("fallback"), trail.events().toString());
    }

    /** A Timeout around clears the interrupt status, so that nothing after the call would notice. */
    @Tag("departure")
    @Test
    void anInterruptThatACallSwallowsIsNotLost() {
        FtHandler calls = FaultTolerance.builder().addTimeout(timeout(true)).add(HANDLER).build();
        leaveDuring(() -> {
            String result = calls.invoke(() -> {
                trail.add("attempt");
                try {
                    Thread.sleep(Await.TIME);
                } catch (InterruptedException e) {
                    // swallowed
                }
                return "value";
            });
            trail.add(Thread.interrupted() ? "interrupted" : "not interrupted");
            return result;
        });
        assertEquals(List.of("attempt", "interrupted"), trail.events());
    }

    @Test
    void errorsOfCancelledWorkPassAsTheyAre() throws Exception {
        AssertionError error = new AssertionError("of the call");
        assertSame(error, thrownByACallThatIsCancelled(() -> {
            throw error;
        }));
    }

    @Test
    void exceptionOfACallThatIsCancelledIsTheCauseOfTheInterrupt() throws Exception {
        IllegalStateException failure = new IllegalStateException("of the call");
        SupplierException thrown = assertInstanceOf(SupplierException.class, thrownByACallThatIsCancelled(() -> {
            throw failure;
        }));
        assertSame(failure, assertInstanceOf(InterruptedException.class, thrown.getCause()).getCause());
    }

    @Test
    void interruptStatusIsClearedOnceItIsThrown() throws Exception {
        thrownByACallThatIsCancelled(() -> {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("of the call");
        });
        assertEquals(List.of("not interrupted"), trail.events());
    }

    /** It may have to be closed. Work that is uninterruptible is not interrupted for it. */
    @Test
    void resultOfACallThatIsCancelledTooLateIsReturned() throws Exception {
        String result = Cancelled.during(cancel -> HANDLER.invoke(() -> {
            cancel.run();
            return "value";
        }) + (Thread.interrupted() ? ", interrupted" : ", not interrupted"));
        assertEquals("value, not interrupted", result);
    }

    @Test
    void noCallOfCancelledWorkBegins() throws Exception {
        Throwable thrown = Cancelled.call(() -> assertThrows(RuntimeException.class, () -> HANDLER.invoke(this::attempt)));
        assertInstanceOf(InterruptedException.class, assertInstanceOf(SupplierException.class, thrown).getCause());
        assertEquals(0, attempts());
    }

    /** What the handler throws for a call during which its work is cancelled; nobody interrupts its thread. */
    private Throwable thrownByACallThatIsCancelled(Supplier<Object> call) throws Exception {
        return Cancelled.during(cancel -> {
            Throwable thrown = assertThrows(Throwable.class, () -> HANDLER.invoke(() -> {
                cancel.run();
                return call.get();
            }));
            trail.add(Thread.currentThread().isInterrupted() ? "interrupted" : "not interrupted");
            return thrown;
        });
    }

    @Test
    void callsOfWorkThatIsNotCancelledAreNotChanged() {
        assertEquals("value", HANDLER.invoke(() -> "value"));
        IllegalStateException failure = new IllegalStateException("of the service");
        assertSame(failure, assertThrows(RuntimeException.class, () -> HANDLER.invoke(() -> {
            throw failure;
        })));
        FtHandler calls = FaultTolerance.builder().addTimeout(timeout(true)).add(HANDLER).addRetry(retry()).build();
        assertThrows(IllegalStateException.class, () -> calls.invoke(() -> {
            trail.add("attempt");
            throw failure;
        }));
        assertEquals(3, attempts());
    }

    private void leaveDuring(Supplier<Object> calls) {
        leaveDuring(calls, 1);
    }

    /** Clients leave one after the other, each once its request has begun an attempt. */
    private void leaveDuring(Supplier<Object> calls, int times) {
        try (TestServer server = serve(calls)) {
            for (int i = 1; i <= times; i++) {
                RawClient client = server.connect().get("/");
                trail.await("attempt", i);
                client.leave();
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
            }
        }
    }

    private TestServer serve(Supplier<Object> calls) {
        return TestServer.start(routing -> routing.get("/", Hangup.cancellable(request -> {
            try {
                return calls.get();
            } catch (RuntimeException e) {
                thrown.set(e);
                throw e;
            }
        })));
    }

    /** What most suppliers do with an interrupt, since they cannot throw it. */
    private String attempt() {
        trail.add("attempt");
        try {
            trail.awaitInterruptibly("release");
            return "released";
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long attempts() {
        return trail.events().stream().filter("attempt"::equals).count();
    }

    private static Timeout timeout(boolean currentThread) {
        return Timeout.builder().timeout(Await.TIME).currentThread(currentThread).build();
    }

    private static Retry retry() {
        return Retry.builder().calls(3).delay(Duration.ofMillis(1)).overallTimeout(Await.TIME).build();
    }

    private static CircuitBreaker breaker() {
        return CircuitBreaker.builder().volume(2).errorRatio(50).delay(Duration.ofMinutes(1))
                .addSkipOn(InterruptedException.class).build();
    }
}
