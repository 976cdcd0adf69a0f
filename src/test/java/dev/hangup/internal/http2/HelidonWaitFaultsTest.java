package dev.hangup.internal.http2;

import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;

import dev.hangup.internal.response.BodyGuard;
import dev.hangup.testing.Await;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.PlainServer;
import dev.hangup.testing.Trail;
import dev.hangup.testing.WorkedAroundBy;

import io.helidon.webserver.http.Handler;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Faults of Helidon 4.5.0 in how its threads wait, and for what; each as long as it is there. */
class HelidonWaitFaultsTest {
    private final Trail trail = new Trail();
    private final CompletableFuture<Thread> stream = new CompletableFuture<>();

    @Test
    @WorkedAroundBy(EndlessWait.class)
    void handlerWaitsForABodyWhoseConnectionIsOver() throws Exception {
        waitsWhenTheConnectionIsOver((request, response) -> {
            stream.complete(Thread.currentThread());
            request.content().consume();
        });
    }

    @Test
    @WorkedAroundBy(EndlessWait.class)
    void answeredStreamWaitsForABodyWhoseConnectionIsOver() throws Exception {
        waitsWhenTheConnectionIsOver((request, response) -> {
            stream.complete(Thread.currentThread());
            response.send("unread");
        });
    }

    @Test
    @WorkedAroundBy({BodyGuard.class, BodyReading.class})
    void interruptIsTakenForTheEndOfABody() throws Exception {
        try (PlainServer server = start((request, response) -> {
            InputStream body = request.content().inputStream();
            int first = body.read();
            stream.complete(Thread.currentThread());
            trail.add("read " + first + ", " + body.read() + ", interrupted " + Thread.currentThread().isInterrupted());
        });
                Http2Client client = server.connectHttp2()) {
            int id = client.post("/");
            client.send(Http2Client.data(id, new byte[] {'a'}, false));
            awaitWaiting();
            stream.get().interrupt();
            trail.awaitAny(it -> it.startsWith("read"), "read");
            assertEquals("read 97, -1, interrupted false", trail.events().getFirst());
        }
    }

    private void waitsWhenTheConnectionIsOver(Handler handler) throws Exception {
        try (PlainServer server = start(handler); Http2Client client = server.connectHttp2().withoutCredit()) {
            client.post("/");
            awaitWaiting();
            client.send(Http2Client.headers(client.newStream(), new HeaderBlock().field("x-name", "no path"), true));
            client.awaitGoAway();
            client.awaitEnd();
            server.nextConnection().awaitEnd();
            // nobody is left to tell it anything
            assertTrue(isWaiting());
            stream.get().interrupt();
        }
    }

    private void awaitWaiting() {
        Await.until("the stream's thread waits for the body", () -> stream.isDone() && isWaiting());
    }

    private boolean isWaiting() {
        Thread thread = stream.join();
        return thread.getState() == Thread.State.WAITING && Arrays.stream(thread.getStackTrace())
                .anyMatch(it -> it.getMethodName().equals("readEntityFromPipeline"));
    }

    private PlainServer start(Handler handler) {
        return PlainServer.start(routing -> routing.post("/", handler));
    }
}
