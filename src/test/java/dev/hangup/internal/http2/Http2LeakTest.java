package dev.hangup.internal.http2;

import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Level;

import dev.hangup.Hangup;
import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.TestServer;

import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** After thousands of streams that were given up in the middle, on connections that go on, nothing is left of them. */
class Http2LeakTest {
    private static final int CLIENTS = 4;
    private static final int STREAMS = 500;

    private final AtomicInteger begun = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();

    @Test
    void streamsThatWereResetLeaveNothingBehind() {
        try (Quiet quiet = Quiet.below(Level.OFF, "dev.hangup"); TestServer server = start()) {
            long watches = Usage.instances(Http2Exchange.class);
            Http2Client[] clients = new Http2Client[CLIENTS];
            for (int i = 0; i < CLIENTS; i++) {
                clients[i] = Http2Opening.PRIOR_KNOWLEDGE.connect(server.port());
                for (int n = 0; n < STREAMS; n++) {
                    giveUp(clients[i], n % 4);
                }
                assertEquals("next", clients[i].answer(clients[i].get("/next")).text());
            }
            Await.until("all work has ended", () -> begun.get() == ended.get());
            Await.until("streams are gone", () -> Usage.instances(Http2Exchange.class) <= watches);
            Await.until("streams' threads are gone", () -> Usage.streamThreads() == 0);
            for (Http2Client client : clients) {
                client.close();
            }
            Await.until("connections are gone", () -> Usage.connectionThreads() == 0);
        }
    }

    private void giveUp(Http2Client client, int kind) {
        int id = client.newStream();
        switch (kind) {
        case 0 -> client.send(Http2Client.headers(id, "GET", "/work", true), Http2Client.reset(id));
        case 1 -> client.send(Http2Client.headers(id, "POST", "/work", false), Http2Client.reset(id));
        case 2 -> {
            client.send(Http2Client.headers(id, "POST", "/work", false), Http2Client.data(id, new byte[1000], false));
            client.send(Http2Client.reset(id));
        }
        default -> {
            client.send(Http2Client.headers(id, "GET", "/stream", true));
            client.begin(id);
            client.send(Http2Client.reset(id));
        }
        }
    }

    private TestServer start() {
        return TestServer.start(server -> server.addProtocol(Http2Config.builder().maxRapidResets(-1).build()), hangup -> { },
                                routing -> routing
                                        .any("/work", Hangup.cancellable(request -> untilInterrupted()))
                                        .get("/stream", Hangup.cancellable((request, response) -> {
                                            OutputStream stream = response.outputStream();
                                            stream.write(1);
                                            stream.write(2);
                                            untilInterrupted();
                                        }))
                                        .get("/next", Hangup.cancellable(request -> "next")));
    }

    private String untilInterrupted() throws InterruptedException {
        begun.incrementAndGet();
        try {
            Thread.sleep(60_000);
            return "never";
        } finally {
            ended.incrementAndGet();
        }
    }
}
