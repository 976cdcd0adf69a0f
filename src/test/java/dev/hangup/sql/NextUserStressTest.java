package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import dev.hangup.Hangup;
import dev.hangup.testing.Database;
import dev.hangup.testing.Postgres;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.Repetitions;
import dev.hangup.testing.TestServer;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Queries are stopped at random moments, and their connection has its next user at once: whom no cancel hits. */
class NextUserStressTest {
    private static final long SEED = 20261122;
    private static final Duration SHORT = Duration.ofMillis(1);
    private static final Duration HOUR = Duration.ofHours(1);

    private final Random random = new Random(SEED);
    private final ExecutorService others = Executors.newVirtualThreadPerTaskExecutor();

    @AfterEach
    void stop() {
        others.close();
    }

    /**
     * The stop comes before, within and after a query of a millisecond or two. How long such a query takes depends on the machine,
     * so the moments follow: later after a stop, earlier after a query that was faster.
     */
    @ParameterizedTest
    @EnumSource
    void queriesThatAreStoppedAsTheyEnd(Database database) throws Exception {
        int stopped = 0;
        int rounds = Repetitions.of(60, 400);
        long latest = TimeUnit.MILLISECONDS.toNanos(5);
        try (HikariDataSource pool = database.pool(1)) {
            CancellableSql sql = sql(database, pool);
            for (int round = 0; round < rounds; round++) {
                FutureTask<Void> query = new FutureTask<>(() -> sql.call(connection -> sleep(database, connection, SHORT)));
                Thread caller = Thread.ofVirtual().start(query);
                Future<?> next = others.submit(() -> use(database, pool));
                LockSupport.parkNanos(random.nextLong(latest));
                caller.interrupt();
                caller.join();
                next.get();
                use(database, pool);
                if (query.state() == Future.State.FAILED) {
                    assertInstanceOf(InterruptedException.class, query.exceptionNow());
                    stopped++;
                    latest += latest / 8;
                } else {
                    latest -= latest / 8;
                }
            }
            assertNothingLeft(pool, database);
        }
        // else this test has shown nothing
        assertTrue(stopped > 0 && stopped < rounds, "stopped: " + stopped);
    }

    /** The stop comes before and as a long query begins. */
    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void queriesWhoseClientsLeaveAsTheyBegin(Database database) throws Exception {
        try (HikariDataSource pool = database.pool(2);
                TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable(request ->
                        sql(database, pool).call(connection -> sleep(database, connection, HOUR)))))) {
            for (int round = 0; round < Repetitions.of(30, 200); round++) {
                RawClient one = server.connect().get("/");
                RawClient other = server.connect().get("/");
                Future<?> next = others.submit(() -> use(database, pool));
                LockSupport.parkNanos(random.nextLong(TimeUnit.MILLISECONDS.toNanos(10)));
                one.leave();
                other.reset();
                next.get();
                use(database, pool);
                server.nextEnd();
                server.nextEnd();
            }
            assertNothingLeft(pool, database);
        }
    }

    /** Plain use of the pool, as by who knows nothing of all this. */
    private static Void use(Database database, HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            for (int i = 0; i < 3; i++) {
                database.sleep(connection, Duration.ofNanos(100_000));
            }
        }
        return null;
    }

    private static Void sleep(Database database, Connection connection, Duration time) throws SQLException {
        database.sleep(connection, time);
        return null;
    }

    private static CancellableSql sql(Database database, HikariDataSource pool) {
        return CancellableSql.of(pool).on(database.threads()).evictingBy(pool::evictConnection);
    }

    private static void assertNothingLeft(HikariDataSource pool, Database database) {
        assertEquals(0, pool.getHikariPoolMXBean().getActiveConnections());
        if (database == Database.POSTGRESQL) {
            assertEquals(0, Postgres.executing(pool.getPoolName()));
        }
    }
}
