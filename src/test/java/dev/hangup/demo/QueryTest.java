package dev.hangup.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.hangup.testing.Await;
import dev.hangup.testing.Logged;
import dev.hangup.testing.Postgres;
import dev.hangup.testing.RawClient;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.config.ConfigSources;
import io.helidon.webserver.WebServer;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class QueryTest {
    private static final String APPLICATION = "demo";

    @ParameterizedTest
    @EnumSource
    void bothPathsAnswerTheQuery(SlowQuery database) {
        try (Querying querying = new Querying(url(database))) {
            for (String path : new String[] {"/no-context/query", "/with-context/query"}) {
                assertEquals("{\"msg\":\"Queried at length\",\"success\":true}", querying.get(path + "?seconds=0.05").text());
            }
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void theQueryIsCancelledWhenTheClientLeaves(SlowQuery database) {
        try (Querying querying = new Querying(url(database)); Logged log = Logged.by(Query.class.getName())) {
            RawClient client = querying.client().get("/with-context/query?seconds=3600");
            log.trail().await("/with-context/query: querying for 3600.00 s");
            if (database == SlowQuery.POSTGRESQL) {
                Await.until("it executes", () -> Postgres.executing(APPLICATION) == 1);
            }
            client.leave();
            log.trail().awaitAny(event -> event.startsWith("/with-context/query: cancelled after "), "cancelled");
            if (database == SlowQuery.POSTGRESQL) {
                Await.until("nothing executes", () -> Postgres.executing(APPLICATION) == 0);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theBareServerGoesOnForNobody(SlowQuery database) {
        try (Querying querying = new Querying(url(database)); Logged log = Logged.by(Query.class.getName())) {
            RawClient client = querying.client().get("/no-context/query?seconds=0.25");
            log.trail().await("/no-context/query: querying for 0.25 s");
            client.leave();
            log.trail().awaitAny(event -> event.startsWith("/no-context/query: success, queried for "), "success");
        }
    }

    @Test
    void whoFindsAllConnectionsInUseIsToldToComeAgain() {
        try (Querying querying = new Querying(url(SlowQuery.H2), "db.pool.size", "1", "db.pool.wait", "PT2S");
                Logged log = Logged.by(Query.class.getName());
                RawClient first = querying.client()) {
            Await.until("there is a connection", () -> querying.get("/with-context/query?seconds=0").status() == 200);
            first.get("/with-context/query?seconds=3600");
            log.trail().await("/with-context/query: querying for 3600.00 s");
            RawClient.Response response = querying.get("/with-context/query?seconds=0");
            // or it was faster than the first
            while (response.status() == 200) {
                response = querying.get("/with-context/query?seconds=0");
            }
            assertEquals(503, response.status());
            assertEquals("1", response.headers().get("retry-after"));
            assertTrue(response.text().contains("No connection to the database was free in time"), response.text());
        }
    }

    @Test
    void aDatabaseThatIsNotThereIsNotTheServersEnd() throws IOException {
        try (Querying querying = new Querying("jdbc:postgresql://localhost:" + closedPort() + "/none",
                                              // the pool says why only once its first attempt has failed
                                              "db.pool.wait", "PT3S");
                Logged trouble = Logged.trouble("dev.hangup")) {
            RawClient.Response response = querying.get("/with-context/query?seconds=0");
            assertEquals(503, response.status());
            assertEquals("1", response.headers().get("retry-after"));
            assertTrue(response.text().contains("The database cannot be reached"), response.text());
            assertEquals(List.of("/with-context/query: The database cannot be reached"), trouble.trail().events());
        }
    }

    /** Borrows of callers that have left are bounded for each instance. */
    @Test
    void allQueriesShareOneInstance() {
        QueryPool pool = QueryPool.create(Config.just(ConfigSources.create(Map.of("db.url", "jdbc:h2:mem:"))).get("db"));
        try {
            assertSame(pool.sql(), pool.sql());
        } finally {
            pool.afterStop();
        }
    }

    @Test
    void thePoolIsClosedWithTheServer() {
        try (Querying querying = new Querying(url(SlowQuery.POSTGRESQL))) {
            assertEquals(200, querying.get("/with-context/query?seconds=0").status());
            assertTrue(Postgres.connected(APPLICATION) > 0);
        }
        Await.until("nothing is connected", () -> Postgres.connected(APPLICATION) == 0);
    }

    @ParameterizedTest
    @CsvSource({"db.url, jdbc:unknown:x", "db.pool.size, 0", "db.pool.size, many", "db.pool.wait, PT0.1S",
            "db.pool.wait, soon", "db.pool.wait, PT24H0.001S", "db.pool.wait, P100000D", "db.pool.wait, PT9223372036854775807S"})
    void aBadKeyIsNamed(String key, String value) {
        ConfigException refusal = assertThrows(ConfigException.class, () -> new Querying("jdbc:h2:mem:", key, value));
        assertTrue(refusal.getMessage().contains(key), refusal.getMessage());
    }

    private static String url(SlowQuery database) {
        return switch (database) {
        case H2 -> "jdbc:h2:mem:";
        case POSTGRESQL -> Postgres.url(APPLICATION);
        };
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A demo server that asks a database. */
    private static final class Querying implements AutoCloseable {
        private final WebServer server;

        private Querying(String url, String... settings) {
            Map<String, String> config = new HashMap<>(Map.of("server.host", "localhost",
                                                              "server.features.hangup.watch", String.valueOf(Await.WATCHED),
                                                              "server.features.hangup.deadline", "PT1H",
                                                              "db.pool.wait", Await.TIME.toString(),
                                                              "db.url", url));
            for (int i = 0; i < settings.length; i += 2) {
                config.put(settings[i], settings[i + 1]);
            }
            server = Demo.server(Config.just(ConfigSources.create(config))).start();
        }

        private RawClient client() {
            return RawClient.connect(server.port());
        }

        private RawClient.Response get(String path) {
            try (RawClient client = client()) {
                return client.get(path).read();
            }
        }

        @Override
        public void close() {
            server.stop();
        }
    }
}
