package dev.hangup.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.Hangup;
import dev.hangup.Uninterruptible;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Requests that share the connections of an HTTP client with requests whose clients leave. */
@Tag("departure")
class SharedConnectionsTest {
    private static final int SIZE = 2;

    private final Trail trail = new Trail();

    /**
     * Some of those that leave wait for a connection, some have one. An interrupt would make the pool of Apache's client (5.6.5)
     * lose a connection that a call receives at that moment; its own cancellation does not.
     */
    @Test
    void departuresTakeNoConnectionFromAStrictPool() throws Exception {
        Random random = new Random(18);
        try (TestServer backend = TestServer.start(routing -> routing
                .get("/slow", Hangup.cancellable(request -> {
                    Thread.sleep(Await.TIME);
                    return "never";
                }))
                .get("/quick", Hangup.cancellable(request -> "quick")));
                PoolingHttpClientConnectionManager pool = PoolingHttpClientConnectionManagerBuilder.create()
                        .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.STRICT).setMaxConnPerRoute(SIZE).setMaxConnTotal(SIZE)
                        .build();
                CloseableHttpClient client = HttpClients.custom().setConnectionManager(pool).disableAutomaticRetries().build();
                TestServer server = TestServer.start(routing -> routing.get("/{path}", Hangup.cancellable(request -> {
                    HttpGet get = new HttpGet(uri(backend, request.path().path()));
                    return Uninterruptible.call(get::cancel, () -> client.execute(
                            get, response -> EntityUtils.toString(response.getEntity())));
                })))) {
            for (int round = 0; round < 10; round++) {
                List<RawClient> clients = new ArrayList<>();
                for (int i = 0; i < 2 * SIZE; i++) {
                    clients.add(server.connect().get("/slow"));
                }
                LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(10)));
                clients.forEach(RawClient::leave);
                for (RawClient ignored : clients) {
                    assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
                }
            }
            assertEquals(0, pool.getTotalStats().getLeased());
            assertEquals(0, pool.getTotalStats().getPending());
            try (RawClient next = server.connect()) {
                assertEquals("quick", next.get("/quick").read().text());
            }
        }
    }

    @Test
    void departuresResetOnlyTheirOwnStreamsOfASharedConnection() throws Exception {
        Set<String> connections = ConcurrentHashMap.newKeySet();
        try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
                TestServer backend = TestServer.start(routing -> routing.get("/{path}", Hangup.cancellable(request -> {
                    connections.add(request.remotePeer().address().toString());
                    if (!request.path().path().equals("/first")) {
                        trail.add("called");
                        trail.awaitInterruptibly("answer");
                    }
                    return "answered";
                })));
                TestServer server = TestServer.start(routing -> routing.get("/{path}", Hangup.cancellable(request ->
                        client.send(HttpRequest.newBuilder(uri(backend, request.path().path())).build(),
                                    HttpResponse.BodyHandlers.ofString()).body())));
                RawClient first = server.connect()) {
            // whose connection is upgraded, and then shared
            assertEquals("answered", first.get("/first").read().text());
            List<RawClient> leaving = new ArrayList<>();
            List<RawClient> staying = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                leaving.add(server.connect().get("/slow"));
                staying.add(server.connect().get("/slow"));
            }
            trail.await("called", 10);
            leaving.forEach(RawClient::leave);
            for (RawClient ignored : leaving) {
                assertEquals(Outcome.DISCONNECTED, server.nextEnd(end -> end.outcome() != Outcome.COMPLETED).outcome());
                assertEquals(Outcome.DISCONNECTED, backend.nextEnd(end -> end.outcome() != Outcome.COMPLETED).outcome());
            }
            trail.add("answer");
            for (RawClient each : staying) {
                assertEquals("answered", each.read().text());
                each.close();
            }
            assertEquals(1, connections.size(), connections.toString());
        }
    }

    private static URI uri(TestServer server, String path) {
        return URI.create("http://localhost:" + server.port() + path);
    }
}
