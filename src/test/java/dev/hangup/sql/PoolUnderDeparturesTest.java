package dev.hangup.sql;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.hangup.Hangup;
import dev.hangup.outcome.Outcome;
import dev.hangup.testing.Await;
import dev.hangup.testing.Database;
import dev.hangup.testing.PausableProxy;
import dev.hangup.testing.Postgres;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Trail;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** A pool has the same connections after its borrowers have left as before. */
@Tag("departure")
class PoolUnderDeparturesTest {
    private static final String ALWAYS_VALIDATES = "com.zaxxer.hikari.aliveBypassWindowMs";
    private static final int SIZE = 10;
    private static final Duration HOUR = Duration.ofHours(1);
    private static Server h2;

    private final Trail trail = new Trail();

    @BeforeAll
    static void start() throws SQLException {
        h2 = Server.createTcpServer("-tcpPort", "0", "-ifNotExists").start();
    }

    @AfterAll
    static void stop() {
        h2.stop();
    }

    /** The departure comes while HikariCP validates; before, each idle connection broke in turn. */
    @ParameterizedTest
    @EnumSource
    void aDepartureBehindAPausedProxyEmptiesNoPool(Database database) throws Exception {
        try (PausableProxy proxy = new PausableProxy(port(database)); HikariDataSource pool = fullPool(database, proxy)) {
            Set<String> before = identities(pool, database);
            CancellableSql sql = CancellableSql.of(pool);
            try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request ->
                    sql.call(connection -> {
                        trail.add("begins");
                        return "never";
                    }))))) {
                proxy.pause();
                RawClient client = server.connect().get("/");
                proxy.awaitHeld();
                client.leave();
                assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
                proxy.resume();
            }
            awaitIdle(pool);
            assertEquals(before, identities(pool, database));
            assertEquals(List.of(), trail.events());
        }
    }

    @ParameterizedTest
    @EnumSource
    void departuresAtAnyMomentLoseNoConnection(Database database) throws Exception {
        Random random = new Random(18);
        try (PausableProxy proxy = new PausableProxy(port(database)); HikariDataSource pool = fullPool(database, proxy)) {
            Set<String> before = identities(pool, database);
            CancellableSql sql = CancellableSql.of(pool);
            try (TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request ->
                    sql.call(connection -> {
                        database.sleep(connection, HOUR);
                        return "never";
                    }))))) {
                for (int departure = 0; departure < 30; departure++) {
                    RawClient client = server.connect().get("/");
                    LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(4)));
                    client.leave();
                }
                for (int departure = 0; departure < 30; departure++) {
                    assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
                }
            }
            awaitIdle(pool);
            assertEquals(before, identities(pool, database));
        }
    }

    @Test
    void aBurstOfDeparturesWaitsForNoExhaustedPool() throws Exception {
        try (HikariDataSource pool = Database.H2.pool(1)) {
            CancellableSql sql = CancellableSql.of(pool);
            try (Connection taken = pool.getConnection(); TestServer server = TestServer.start(routing -> routing
                    .get("/", Hangup.cancellable(request -> sql.call(connection -> "never"))))) {
                List<RawClient> clients = IntStream.range(0, 50).mapToObj(i -> server.connect().get("/")).toList();
                Await.until("all wait", () -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == clients.size());
                clients.forEach(RawClient::leave);
                for (RawClient ignored : clients) {
                    assertEquals(Outcome.DISCONNECTED, server.nextEnd().outcome());
                }
                assertFalse(taken.isClosed());
            }
            Await.until("all have had their connection", () -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 0);
            assertEquals("value", sql.call(connection -> "value"));
            assertEquals(0, pool.getHikariPoolMXBean().getActiveConnections());
        }
    }

    private static int port(Database database) {
        return database == Database.H2 ? h2.getPort() : Postgres.port();
    }

    /** A pool of idle connections that go through the proxy, and are validated whenever they are borrowed. */
    private static HikariDataSource fullPool(Database database, PausableProxy proxy) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("departures-" + database);
        config.setMaximumPoolSize(SIZE);
        switch (database) {
        case H2 -> {
            config.setJdbcUrl("jdbc:h2:tcp://127.0.0.1:" + proxy.port() + "/mem:departures");
            config.setConnectionInitSql("CREATE ALIAS IF NOT EXISTS PAUSE FOR '" + Database.class.getName() + ".pause'");
        }
        case POSTGRESQL -> config.setJdbcUrl(Postgres.url(config.getPoolName()).replace(":" + Postgres.port() + "/",
                                                                                        ":" + proxy.port() + "/"));
        }
        String before = System.setProperty(ALWAYS_VALIDATES, "0");
        try {
            HikariDataSource pool = new HikariDataSource(config);
            awaitIdle(pool);
            return pool;
        } finally {
            if (before == null) {
                System.clearProperty(ALWAYS_VALIDATES);
            } else {
                System.setProperty(ALWAYS_VALIDATES, before);
            }
        }
    }

    private static void awaitIdle(HikariDataSource pool) {
        Await.until("all are idle", () -> pool.getHikariPoolMXBean().getIdleConnections() == SIZE
                && pool.getHikariPoolMXBean().getActiveConnections() == 0);
    }

    /** Which connections the pool has, as the database names them. */
    private static Set<String> identities(HikariDataSource pool, Database database) throws SQLException {
        Set<String> identities = new TreeSet<>();
        List<Connection> all = new ArrayList<>();
        try {
            for (int i = 0; i < SIZE; i++) {
                all.add(pool.getConnection());
                try (Statement statement = all.getLast().createStatement(); ResultSet row = statement.executeQuery(
                        database == Database.H2 ? "SELECT SESSION_ID()" : database.identity())) {
                    row.next();
                    identities.add(row.getString(1));
                }
            }
        } finally {
            for (Connection connection : all) {
                connection.close();
            }
        }
        assertEquals(SIZE, identities.size());
        return identities;
    }
}
