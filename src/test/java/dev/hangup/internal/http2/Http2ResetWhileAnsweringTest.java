package dev.hangup.internal.http2;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Logged;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.http.http2.Http2ConnectionWriter;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A stream that ends without data is forgotten by Helidon before its HEADERS frame is written ({@code Http2ServerStream}
 * {@code .closeFromLocal}). A reset that comes while that frame waits for a client that does not read is an error to it.
 */
class Http2ResetWhileAnsweringTest {
    private final Trail trail = new Trail();

    @Test
    void resetWhileTheLastHeadersWaitForTheClient() {
        CompletableFuture<Thread> empty = new CompletableFuture<>();
        try (Logged logged = Logged.by("dev.hangup");
                TestServer server = Http2Work.start(Http2Opening.PRIOR_KNOWLEDGE, trail, routing -> routing
                        .get("/flood", (request, response) -> {
                            OutputStream stream = response.outputStream();
                            for (int i = 0; i < 4000; i++) {
                                stream.write(new byte[10_000]);
                                trail.add("flood");
                            }
                        })
                        .get("/empty", (request, response) -> {
                            empty.complete(Thread.currentThread());
                            response.outputStream().close();
                        }));
                RawClient client = RawClient.connect(server.port())) {
            client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            client.send(Http2Client.settings(4, 100_000_000));
            client.send(Http2Client.windowUpdate(0, 100_000_000));
            client.send(Http2Client.headers(1, "GET", "/flood", true));
            trail.await("flood", 10);
            int[] before = {-1};
            Await.until("nothing more can be written", () -> {
                int now = trail.events().size();
                boolean same = now == before[0];
                before[0] = now;
                pause();
                return same;
            });
            client.send(Http2Client.headers(3, "GET", "/empty", true));
            Await.until("the headers wait in the writer", () -> empty.isDone() && writesHeaders(empty.join()));
            client.send(Http2Client.headers(5, "GET", "/work/one", true));
            trail.await("one");
            client.send(Http2Client.headers(7, "GET", "/work/two", true));
            trail.await("two");
            client.send(Http2Client.reset(3));
            client.send(Http2Client.headers(9, "GET", "/work/three", true));
            trail.await("three");
            assertTrue(logged.trail().events().stream().noneMatch(it -> it.contains("was ended")),
                       () -> logged.trail().events().toString());
        }
    }

    private static boolean writesHeaders(Thread thread) {
        return Arrays.stream(thread.getStackTrace()).anyMatch(it ->
                it.getClassName().equals(Http2ConnectionWriter.class.getName()) && it.getMethodName().equals("writeHeaders"));
    }

    private static void pause() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
