package dev.hangup.internal.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.HangupConfig;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.SlowReader;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Transport;

import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** Connections whose writer has a queue, and that end while it is full. */
class WriteQueueTest {
    private static final Duration STALL = Duration.ofSeconds(1);
    private static final int CHUNK = 64 * 1024;
    private static final int CHUNKS = 32;

    @ParameterizedTest(name = "a queue of {0}")
    @ValueSource(ints = {2, 8})
    void lastAnswerOfAConnectionIsThereToItsEnd(int length) {
        try (TestServer server = TestServer.start(config -> config.writeQueueLength(length),
                                                  hangup -> hangup.tolerateHalfClose(true),
                                                  routing -> routing.get("/", Hangup.cancellable(WriteQueueTest::large)))) {
            for (int round = 0; round < 200; round++) {
                try (RawClient client = server.connect()) {
                    client.get("/");
                    client.endOutput();
                    assertEquals(CHUNK * CHUNKS, client.read().body().length);
                    assertEquals(0, client.readToEnd().length);
                }
            }
        }
    }

    /** The deadline of the second request closes the connection, since its response has begun. */
    @Test
    void requestBehindAResponseInTheQueueCannotCutItOff() throws Exception {
        CountDownLatch second = new CountDownLatch(1);
        try (TestServer server = start(hangup -> { }, routing -> routing
                .get("/large", Hangup.cancellable(WriteQueueTest::large))
                .get("/endless", Hangup.cancellable(Duration.ofMillis(200), (request, response) -> {
                    second.countDown();
                    OutputStream stream = response.outputStream();
                    stream.write(1);
                    stream.flush();
                    Thread.sleep(Await.TIME);
                })));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/large").get("/endless");
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            assertFalse(second.await(1, TimeUnit.SECONDS), "begun while the response before is in the queue");
            assertEquals(CHUNK * CHUNKS, client.read().body().length);
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
        }
    }

    @Test
    void workThatIsCancelledAfterItsResponseCannotCutItOff() {
        try (TestServer server = start(hangup -> { }, routing -> routing
                .get("/", Hangup.cancellable(Duration.ofMillis(200), (request, response) -> {
                    large(request, response);
                    Thread.sleep(Await.TIME);
                })));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/");
            assertEquals(Outcome.DEADLINE_EXCEEDED, server.nextEnd().outcome());
            assertEquals(CHUNK * CHUNKS, client.read().body().length);
            assertEquals(0, client.readToEnd().length);
        }
    }

    @Test
    void serverThatStopsDoesNotCutOffWhatIsInTheQueue() {
        try (TestServer server = start(hangup -> { }, routing -> routing.get("/", Hangup.cancellable(WriteQueueTest::large)));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port());
                RawClient idle = server.connect()) {
            idle.get("/none").read();
            client.get("/");
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(server::close);
            idle.readToEnd();
            assertEquals(CHUNK * CHUNKS, client.read().body().length);
            stopped.join();
        }
    }

    /** More than the limit's time passes, and all of it with bytes in the queue. */
    @Test
    void slowReaderOfTheQueueHasNotStalled() {
        try (TestServer server = start(hangup -> hangup.stallLimit(STALL),
                                       routing -> routing.get("/", Hangup.cancellable(WriteQueueTest::large)));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/").readHead();
            for (int i = 0; i < CHUNKS; i++) {
                client.read(CHUNK);
                SlowReader.pause((int) STALL.toMillis() * 3 / CHUNKS);
            }
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
        }
    }

    @Test
    void readerThatLeavesTheQueueFullLosesItsConnection() {
        try (TestServer server = start(hangup -> hangup.stallLimit(STALL),
                                       routing -> routing.get("/", Hangup.cancellable(WriteQueueTest::large)));
                RawClient client = SlowReader.connect(Transport.CLEAR, server.port())) {
            client.get("/");
            assertEquals(Outcome.COMPLETED, server.nextEnd().outcome());
            Await.until("the connection's threads have ended", () -> Usage.connectionThreads() == 0);
        }
    }

    /** A stream, since Helidon writes what is sent as a whole without the queue. */
    private static void large(ServerRequest request, ServerResponse response) throws IOException {
        response.contentLength((long) CHUNK * CHUNKS);
        try (OutputStream stream = response.outputStream()) {
            for (int i = 0; i < CHUNKS; i++) {
                stream.write(new byte[CHUNK]);
            }
        }
    }

    private static TestServer start(Consumer<HangupConfig.Builder> hangup, Consumer<HttpRouting.Builder> routing) {
        return TestServer.start(it -> {
            SlowReader.configure(it);
            it.writeQueueLength(2 * CHUNKS).shutdownGracePeriod(Await.TIME);
        }, hangup, routing);
    }
}
