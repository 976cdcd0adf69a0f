package dev.hangup.internal.connection;

import java.util.function.Consumer;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.Handler;

import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** {@code max-payload-size} counts what the handler reads, not what was read ahead: as on plain Helidon. */
class MaxPayloadTest {
    private static final int MAX = 32 * 1024;
    private static final int CHUNK = 8 * 1024;
    private static final String POST = "POST /work HTTP/1.1\r\nHost: localhost\r\n";

    @Test
    void bodyThatIsAnnouncedTooLong() {
        same(client -> client.send(POST + "Content-Length: " + (MAX + 1) + "\r\n\r\n"), "413 close");
    }

    @Test
    void chunksThatAreTooMany() {
        same(client -> chunks(client, MAX / CHUNK + 1), "413 close");
    }

    @Test
    void bodyThatIsAsLongAsItMayBe() {
        same(client -> client.send(POST + "Content-Length: " + MAX + "\r\n\r\n").send(new byte[MAX]), "200 " + MAX);
    }

    @Test
    void chunksThatAreAsManyAsTheyMayBe() {
        same(client -> chunks(client, MAX / CHUNK), "200 " + MAX);
    }

    private void same(Consumer<RawClient> request, String expected) {
        Handler handler = (req, res) -> res.send(String.valueOf(req.content().as(byte[].class).length));
        assertEquals(expected, answer(WebServer.builder(), handler, request), "plain");
        assertEquals(expected, answer(WebServer.builder().addFeature(Hangup.create()), Hangup.cancellable((req, res) -> {
            // so that there is something that was read ahead
            Await.until("the client is watched", () -> Usage.readers() > 0);
            handler.handle(req, res);
        }), request), "under Hangup");
    }

    private static String answer(WebServerConfig.Builder builder, Handler handler,
                                 Consumer<RawClient> request) {
        WebServer server = builder.featuresDiscoverServices(false)
                .shutdownHook(false)
                .maxPayloadSize(MAX)
                .routing(routing -> routing.post("/work", handler))
                .build()
                .start();
        try (RawClient client = RawClient.connect(server.port())) {
            request.accept(client);
            RawClient.Response response = client.read();
            boolean ok = response.status() == 200;
            return response.status() + " " + (ok ? response.text() : response.headers().get("connection"));
        } finally {
            server.stop();
        }
    }

    private static void chunks(RawClient client, int count) {
        String chunk = Integer.toHexString(CHUNK) + "\r\n" + "x".repeat(CHUNK) + "\r\n";
        client.send(POST + "Transfer-Encoding: chunked\r\n\r\n" + chunk.repeat(count) + "0\r\n\r\n");
    }
}
