package dev.hangup;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import io.helidon.webserver.http.HttpRouting;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A client that is still sending when it is answered gets to read the answer, and is not waited for for ever. */
class LingeringCloseTest {
    private static final int BODY = 8 * 1024 * 1024;
    private static final long TOO_MUCH = 1_000_000_000;

    private final Trail trail = new Trail();

    @Test
    void clientThatSendsAllBeforeItReadsHasItsAnswer() {
        try (TestServer server = TestServer.start(hangup -> hangup.lingeringClose(Duration.ofMinutes(1)), this::working);
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 50\r\nContent-Length: " + BODY + "\r\n\r\n");
            client.send(new byte[BODY]);
            assertEquals(503, client.read().status());
            client.endOutput();
            assertEquals("", new String(client.readToEnd()));
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    /** Helidon has not read the header to its end, or does not accept it. */
    @ParameterizedTest
    @ValueSource(strings = {"POST /work HTTP/1.1\r\nHost: a b\r\n\r\n", "POST /work HTTP/1.1\r\nHost: a\r\nX: "})
    void clientWhoseHeaderIsRefusedHasItsResponse(String begin) {
        try (TestServer server = TestServer.start(hangup -> hangup.lingeringClose(Duration.ofMinutes(1)), this::working);
                RawClient client = server.connect()) {
            client.send(begin).send("x".repeat(BODY));
            assertEquals(400, client.read().status());
            client.endOutput();
            assertEquals("", new String(client.readToEnd()));
        }
    }

    @Test
    void clientThatSendsOnWhenItWasAnsweredIsNotReset() {
        try (TestServer server = TestServer.start(hangup -> hangup.lingeringClose(Duration.ofMinutes(1)), this::working);
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 50\r\nTransfer-Encoding: chunked\r\n\r\n");
            client.send("3e8\r\n" + "x".repeat(1000) + "\r\n");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            // answered, and its work has ended: from now on only the lingering keeps the connection
            for (int i = 0; i < 100; i++) {
                client.send("186a0\r\n" + "x".repeat(100_000) + "\r\n");
                TimeUnit.MILLISECONDS.sleep(5);
            }
            client.send("0\r\n\r\n").endOutput();
            String got = new String(client.readToEnd(), StandardCharsets.UTF_8);
            assertTrue(got.startsWith("HTTP/1.1 503 ") && got.endsWith("has passed\"}\n"), got);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void clientThatNeverStopsSendingIsLeftInTheEnd() {
        try (TestServer server = TestServer.start(hangup -> hangup.lingeringClose(Duration.ofMillis(200)), this::working);
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 50\r\nContent-Length: 1000000000000\r\n\r\n");
            byte[] some = new byte[100_000];
            long sentFrom = System.nanoTime();
            assertThrows(RuntimeException.class, () -> {
                while (System.nanoTime() - sentFrom < TimeUnit.SECONDS.toNanos(20)) {
                    client.send(some);
                }
            });
        }
    }

    @Test
    void clientThatNeverStopsSendingIsCutOffByItsBytesLongBeforeTheTime() {
        try (TestServer server = TestServer.start(hangup -> hangup.lingeringClose(Duration.ofMinutes(1)), this::working);
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 50\r\nContent-Length: 1000000000000\r\n\r\n");
            byte[] some = new byte[100_000];
            assertThrows(RuntimeException.class, () -> {
                // many times what is discarded and what fits into all buffers
                for (int i = 0; i < 10_000; i++) {
                    client.send(some);
                }
            });
        }
    }

    @Test
    void clientOfUnresponsiveWorkIsHeldBackOnceItHasSentAsMuch() {
        try (TestServer server = TestServer.start(routing -> routing.post("/work",
                    Hangup.cancellable((request, response) -> {
                        Time.isUp(request, response);
                        trail.ignoreInterruptsUntil("held back");
                    })));
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n");
            trail.await("interrupted");
            AtomicLong accepted = new AtomicLong();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Thread sender = Thread.ofVirtual().uncaughtExceptionHandler((thread, e) -> failure.set(e)).start(() -> {
                byte[] some = new byte[100_000];
                while (accepted.get() < TOO_MUCH) {
                    client.send(some);
                    accepted.addAndGet(some.length);
                }
            });
            long[] before = {-1};
            Await.until("the client is held back, or sends no more", () -> {
                boolean blocked = !sender.isAlive() || isWaiting(sender) && accepted.get() == before[0];
                before[0] = accepted.get();
                LockSupport.parkNanos(100_000_000);
                return blocked;
            });
            assertTrue(sender.isAlive(), () -> accepted + " bytes were accepted, then " + failure);
            trail.add("held back");
            assertEquals(503, client.read().status());
        }
    }

    @Test
    void clientWithoutABodyIsNotWaitedFor() {
        try (TestServer server = TestServer.start(hangup -> hangup.lingeringClose(Duration.ofMinutes(1)), this::working);
                RawClient client = server.connect()) {
            client.get("/work", "X-Request-Timeout-Ms: 50\r\n");
            assertEquals(503, client.read().status());
            assertEquals("", new String(client.readToEnd()));
        }
    }

    @Test
    void stoppingServerDoesNotWaitForIt() {
        try (TestServer server = TestServer.start(hangup -> hangup.lingeringClose(Duration.ofMinutes(1)), this::working);
                RawClient client = server.connect()) {
            client.send("POST /work HTTP/1.1\r\nHost: a\r\nX-Request-Timeout-Ms: 50\r\nContent-Length: 1000\r\n\r\n");
            assertEquals(503, client.read().status());
            server.nextEnd();
            server.close();
            assertEquals("", new String(client.readToEnd()));
        }
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING;
    }

    private void working(HttpRouting.Builder routing) {
        routing.any("/work", Hangup.cancellable((request, response) -> trail.workUntilInterrupted()));
    }
}
