package dev.hangup.internal.http2;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.logging.Level;

import dev.hangup.internal.connection.Usage;
import dev.hangup.testing.Await;
import dev.hangup.testing.HeaderBlock;
import dev.hangup.testing.Http2Client;
import dev.hangup.testing.Http2Opening;
import dev.hangup.testing.Quiet;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import io.helidon.common.concurrency.limits.FixedLimit;
import io.helidon.webserver.http2.Http2Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** Uploads whose bodies never come leave no thread behind, whoever ends them and however. */
class Http2RefusedUploadsTest {
    private static final int CONNECTIONS = Repetitions.of(3, 10);
    private static final int UPLOADS = Repetitions.of(20, 50);

    /** A stopped server of an earlier test may still hold some: Helidon 4.5.0 never ends its Timer (LoomServer). */
    private static long streamsBefore;
    private static long connectionsBefore;

    private final Quiet quiet = Quiet.below(Level.OFF, "dev.hangup");
    private final Trail trail = new Trail();
    /** One for each way to open a connection: what is left is counted for all of them at once, since it takes seconds. */
    private final Map<Http2Opening, TestServer> servers = new EnumMap<>(Http2Opening.class);
    private final Map<Http2Opening, Semaphore> permits = new EnumMap<>(Http2Opening.class);
    private final List<Http2Client> clients = new ArrayList<>();

    @BeforeAll
    static void count() {
        streamsBefore = Usage.instances(Http2Exchange.class);
        connectionsBefore = Usage.instances(WatchedHttp2Connection.class);
    }

    @AfterEach
    void close() {
        clients.forEach(Http2Client::close);
        servers.values().forEach(TestServer::close);
        quiet.close();
    }

    @Test
    void refusedAndReset() {
        refused((opening, client) -> {
            byte[][] resets = new byte[UPLOADS][];
            for (int i = 0; i < UPLOADS; i++) {
                resets[i] = Http2Client.reset(2 * i + (opening == Http2Opening.UPGRADE ? 3 : 1));
            }
            client.send(resets);
            client.ping();
        });
    }

    @Test
    void refusedAndCutInOrder() {
        refused((opening, client) -> client.socket().leave());
    }

    @Test
    void refusedAndCutAbruptly() {
        refused((opening, client) -> client.socket().reset());
    }

    @Test
    void bareRouteThatReads() {
        cut("/reads", client -> client.socket().leave(), client -> client.socket().reset());
    }

    @Test
    void bareRouteThatDoesNotRead() {
        cut("/ignores", client -> client.socket().leave(), client -> client.socket().reset());
    }

    @Test
    void bareRouteThatDoesNotReadAndAnErrorThatOnlyHelidonSees() {
        cut("/ignores", Http2RefusedUploadsTest::requestWithoutPath);
    }

    /** Helidon reads no more, and lets handlers wait. */
    @Test
    void bareRouteThatReadsAndAnErrorThatOnlyHelidonSees() {
        cut("/reads", Http2RefusedUploadsTest::requestWithoutPath);
    }

    private static void requestWithoutPath(Http2Client client) {
        client.send(Http2Client.headers(client.newStream(), new HeaderBlock().field("x-name", "no path"), true));
        client.awaitGoAway();
    }

    /** Each end is that of a connection of its own. */
    @SafeVarargs
    private void cut(String path, Consumer<Http2Client>... ends) {
        start(false);
        servers.forEach((opening, server) -> {
            for (Consumer<Http2Client> end : ends) {
                Http2Client client = opening.connect(server.port());
                clients.add(client);
                Http2Work.awaitUpgrade(opening, client);
                for (int i = 0; i < 20; i++) {
                    int id = client.post(path);
                    client.send(Http2Client.data(id, new byte[10], false));
                }
                client.ping();
                end.accept(client);
            }
        });
        awaitThreadsGone();
        Await.until("streams and connections are gone", () -> Usage.instances(Http2Exchange.class, WatchedHttp2Connection.class)
                <= streamsBefore + connectionsBefore);
    }

    private void refused(BiConsumer<Http2Opening, Http2Client> end) {
        start(true);
        servers.forEach((opening, server) -> {
            Http2Client first = opening.connect(server.port());
            clients.add(first);
            Http2Work.awaitUpgrade(opening, first);
            // the request of the upgrade gives it back after its response
            Await.until("the permit is free", () -> permits.get(opening).availablePermits() == 1);
            int occupied = first.get("/until/" + opening);
            trail.await("occupied " + opening);
            for (int n = 0; n < CONNECTIONS; n++) {
                Http2Client client = opening.connect(server.port());
                clients.add(client);
                for (int i = 0; i < UPLOADS; i++) {
                    int id = client.post("/reads");
                    client.send(Http2Client.data(id, new byte[10], false));
                    assertEquals(503, client.begin(id).status());
                }
                end.accept(opening, client);
            }
            trail.add("release " + opening);
            first.answer(occupied);
        });
        awaitThreadsGone();
        Await.until("streams are gone", () -> Usage.instances(Http2Exchange.class) <= streamsBefore);
    }

    /** Before objects are counted, which takes a collection of all garbage each time. */
    private static void awaitThreadsGone() {
        Await.until("no thread runs a stream", () -> Usage.streamThreads() == 0);
    }

    private void start(boolean limited) {
        for (Http2Opening opening : Http2Opening.values()) {
            servers.put(opening, TestServer.start(server -> {
                opening.configure(server);
                server.addProtocol(Http2Config.builder().maxConcurrentStreams(UPLOADS + 1).maxRapidResets(-1).buildPrototype());
                if (limited) {
                    permits.put(opening, new Semaphore(1));
                    server.concurrencyLimit(FixedLimit.builder().semaphore(permits.get(opening)).build());
                }
            }, hangup -> { }, routing -> routing
                    .get("/upgrade", (request, response) -> response.send())
                    .get("/until/{opening}", (request, response) -> {
                        trail.add("occupied " + opening);
                        trail.await("release " + opening);
                        response.send("released");
                    })
                    .post("/reads", (request, response) -> response.send(request.content().as(byte[].class)))
                    .post("/ignores", (request, response) -> response.send("ignored"))));
        }
    }
}
