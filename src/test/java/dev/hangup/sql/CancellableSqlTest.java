package dev.hangup.sql;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;

import dev.hangup.Hangup;
import dev.hangup.testing.Await;
import dev.hangup.testing.Database;
import dev.hangup.testing.Postgres;
import dev.hangup.testing.RawClient;
import dev.hangup.testing.TestServer;
import dev.hangup.testing.Time;
import dev.hangup.testing.Trail;

import com.zaxxer.hikari.HikariDataSource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.PGStatement;
import org.postgresql.jdbc.PgResultSet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Queries of real databases, through a real pool. */
class CancellableSqlTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final Trail trail = new Trail();

    @ParameterizedTest
    @EnumSource
    void answersWithWhatTheDatabaseSays(Database database) throws Exception {
        try (HikariDataSource pool = database.pool(1)) {
            assertEquals("2", sql(pool).call(connection -> ask(connection, "SELECT 1 + 1")));
            assertIdle(pool);
        }
    }

    @ParameterizedTest
    @EnumSource
    void throwsWhatTheDriverThrows(Database database) {
        try (HikariDataSource pool = database.pool(1)) {
            assertTrue(assertThrows(SQLException.class, () -> sql(pool).call(connection -> ask(connection, "SELEKT")))
                               .getSQLState().startsWith("42"));
            assertIdle(pool);
        }
    }

    @ParameterizedTest
    @EnumSource
    void handlesLeadBackToEachOther(Database database) throws Exception {
        try (HikariDataSource pool = database.pool(1)) {
            sql(pool).call(connection -> {
                DatabaseMetaData metaData = connection.getMetaData();
                assertSame(connection, metaData.getConnection());
                assertSame(connection, connection.unwrap(Connection.class));
                try (PreparedStatement statement = connection.prepareStatement("SELECT 1");
                        ResultSet row = statement.executeQuery();
                        ResultSet tables = metaData.getTables(null, null, "none", null)) {
                    assertSame(connection, statement.getConnection());
                    assertSame(statement, row.getStatement());
                    assertFalse(tables.next());
                    assertEquals(connection, connection);
                    assertFalse(connection.equals(statement));
                }
                return null;
            });
        }
    }

    @Test
    void theDriversOwnStatementsAndResultsCanBeHad() throws Exception {
        try (HikariDataSource pool = Database.POSTGRESQL.pool(1)) {
            assertEquals("select 1", sql(pool).call(connection -> {
                try (PreparedStatement statement = connection.prepareStatement("select 1");
                        ResultSet result = statement.executeQuery()) {
                    assertEquals(1, result.unwrap(PgResultSet.class).getMetaData().getColumnCount());
                    return statement.unwrap(PGStatement.class).toString();
                }
            }));
        }
    }

    @Test
    void theDriversOwnTypesCanBeHad() throws Exception {
        try (HikariDataSource pool = Database.POSTGRESQL.pool(1)) {
            assertEquals(true, sql(pool).call(connection -> connection.isWrapperFor(PGConnection.class)
                    && connection.unwrap(PGConnection.class).getBackendPID() > 0));
        }
    }

    @Tag("departure")
    @ParameterizedTest
    @EnumSource
    void theQueryIsCancelledInTheDatabaseWhenTheClientLeaves(Database database) throws Exception {
        try (HikariDataSource pool = database.pool(1); TestServer server = serve(pool, database)) {
            String identity = sql(pool).call(connection -> ask(connection, database.identity()));
            RawClient client = server.connect().get("/");
            awaitExecuting(pool, database);
            client.leave();
            server.nextEnd();
            assertEquals(List.of("begins", "57014"), trail.events());
            assertNothingExecuting(pool, database);
            assertEquals(1, pool.getHikariPoolMXBean().getTotalConnections());
            assertEquals(identity, sql(pool).call(connection -> ask(connection, database.identity())));
        }
    }

    @ParameterizedTest
    @EnumSource
    void theQueryIsCancelledInTheDatabaseAtTheDeadline(Database database) throws Exception {
        try (HikariDataSource pool = database.pool(1);
                TestServer server = TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> {
                    Time.isUp(request, response);
                    query(pool, database);
                }))); RawClient client = server.connect()) {
            assertEquals(503, client.get("/").read().status());
            server.nextEnd();
            assertNothingExecuting(pool, database);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatWasNotCommittedIsRolledBack(Database database) throws Exception {
        try (HikariDataSource pool = database.pool(1)) {
            sql(pool).call(connection -> execute(connection, "CREATE TEMPORARY TABLE seen (number int)"));
            stop(sql(pool), () -> awaitExecuting(pool, database), connection -> {
                connection.setAutoCommit(false);
                execute(connection, "INSERT INTO seen VALUES (1)");
                trail.add("begins");
                database.sleep(connection, HOUR);
                return null;
            });
            assertEquals("0", sql(pool).call(connection -> ask(connection, "SELECT count(*) FROM seen")));
            assertEquals(true, sql(pool).call(Connection::getAutoCommit));
        }
    }

    /** Its next user must not find it. */
    @ParameterizedTest
    @CsvSource({"H2, SET @TENANT = 'A', SET @TENANT = NULL, SELECT @TENANT",
            "POSTGRESQL, SET app.tenant = 'A', RESET app.tenant, 'SELECT nullif(current_setting(''app.tenant'', true), '''')'"})
    void variableOfTheSessionEndsWithCancelledWork(Database database, String set, String reset, String query) throws Exception {
        try (HikariDataSource pool = database.pool(1)) {
            stop(sql(pool), () -> awaitExecuting(pool, database), connection -> {
                execute(connection, set);
                trail.add("begins");
                try {
                    database.sleep(connection, HOUR);
                } finally {
                    execute(connection, reset);
                }
                return null;
            });
            assertNull(sql(pool).call(connection -> ask(connection, query)));
        }
    }

    /** As SQLite needs it. */
    @Test
    void transactionThatAStatementHasBegunEndsWithCancelledWork() throws Exception {
        try (HikariDataSource pool = Database.POSTGRESQL.pool(1)) {
            stop(sql(pool), () -> awaitExecuting(pool, Database.POSTGRESQL), connection -> {
                execute(connection, "BEGIN");
                trail.add("begins");
                try {
                    Database.POSTGRESQL.sleep(connection, HOUR);
                } finally {
                    execute(connection, "ROLLBACK");
                }
                return null;
            });
            assertEquals("1", sql(pool).call(connection -> ask(connection, "SELECT 1")));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aLoopOverRowsEndsAtTheNextRow(Database database) {
        try (HikariDataSource pool = database.pool(1)) {
            InterruptedException stopped = stop(pool, connection -> {
                try (Statement statement = connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE,
                                                                      ResultSet.CONCUR_READ_ONLY);
                        ResultSet rows = statement.executeQuery("VALUES (1), (2), (3)")) {
                    trail.add("begins");
                    while (rows.absolute(1)) {
                        assertEquals(1, rows.getInt(1));
                    }
                    return "never";
                }
            });
            assertEquals("57014", assertInstanceOf(SQLException.class, stopped.getCause()).getSQLState());
            assertIdle(pool);
        }
    }

    /** Whose driver does not cancel that by itself. */
    @Test
    void theFetchOfFurtherRowsIsCancelled() {
        try (HikariDataSource pool = Database.POSTGRESQL.pool(1)) {
            InterruptedException stopped = stop(pool, connection -> {
                connection.setAutoCommit(false);
                try (Statement statement = connection.createStatement()) {
                    statement.setFetchSize(1);
                    try (ResultSet rows = statement.executeQuery(
                            "SELECT CASE WHEN n > 1 THEN pg_sleep(3600) END FROM generate_series(1, 2) n")) {
                        rows.next();
                        trail.add("begins");
                        return rows.next();
                    }
                }
            });
            assertEquals("57014", assertInstanceOf(SQLException.class, stopped.getCause()).getSQLState());
            assertNothingExecuting(pool, Database.POSTGRESQL);
        }
    }

    @Test
    void whoWaitsForAConnectionStopsWaiting() throws Exception {
        try (HikariDataSource pool = Database.H2.pool(1); Connection taken = pool.getConnection()) {
            FutureTask<Object> call = new FutureTask<>(() -> sql(pool).call(connection -> "never"));
            Thread caller = Thread.ofVirtual().start(call);
            Await.until("the call waits", () -> pool.getHikariPoolMXBean().getThreadsAwaitingConnection() == 1);
            caller.interrupt();
            Await.until("the call returns", call::isDone);
            assertInstanceOf(InterruptedException.class, call.exceptionNow());
            assertFalse(taken.isClosed());
        }
    }

    @Test
    void aConnectionThatIsAbortedIsReplaced() throws Exception {
        try (HikariDataSource pool = Database.POSTGRESQL.pool(1)) {
            String identity = sql(pool).call(connection -> ask(connection, Database.POSTGRESQL.identity()));
            stop(CancellableSql.of(pool).abortAfter(Duration.ofMillis(1)), connection -> {
                PGConnection own = connection.unwrap(PGConnection.class);
                trail.add("begins");
                // not a statement that could be cancelled
                return own.getNotifications(0);
            });
            assertFalse(identity.equals(sql(pool).call(connection -> ask(connection, Database.POSTGRESQL.identity()))));
            assertIdle(pool);
        }
    }

    private TestServer serve(HikariDataSource pool, Database database) {
        return TestServer.start(routing -> routing.get("/", Hangup.cancellable((request, response) -> query(pool, database))));
    }

    private void query(HikariDataSource pool, Database database) throws Exception {
        sql(pool).call(connection -> {
            trail.add("begins");
            try {
                database.sleep(connection, HOUR);
                return null;
            } catch (SQLException e) {
                trail.add(e.getSQLState());
                throw e;
            }
        });
    }

    private InterruptedException stop(HikariDataSource pool, SqlWork<?> work) {
        return stop(sql(pool), work);
    }

    private InterruptedException stop(CancellableSql sql, SqlWork<?> work) {
        return stop(sql, () -> trail.await("begins"), work);
    }

    /** Stops the work once it has come to the point that is awaited. */
    private InterruptedException stop(CancellableSql sql, Runnable awaited, SqlWork<?> work) {
        FutureTask<Object> call = new FutureTask<>(() -> sql.call(work));
        Thread caller = Thread.ofVirtual().start(call);
        awaited.run();
        caller.interrupt();
        Await.until("the call returns", call::isDone);
        return assertInstanceOf(InterruptedException.class, call.exceptionNow());
    }

    private void awaitExecuting(HikariDataSource pool, Database database) {
        trail.await("begins");
        switch (database) {
        case POSTGRESQL -> Await.until("it executes", () -> Postgres.executing(pool.getPoolName()) == 1);
        case H2 -> Database.awaitPause();
        }
    }

    private static void assertNothingExecuting(HikariDataSource pool, Database database) {
        assertIdle(pool);
        if (database == Database.POSTGRESQL) {
            assertEquals(0, Postgres.executing(pool.getPoolName()));
        }
    }

    private static void assertIdle(HikariDataSource pool) {
        assertEquals(0, pool.getHikariPoolMXBean().getActiveConnections());
    }

    private static CancellableSql sql(HikariDataSource pool) {
        return CancellableSql.of(pool).on(Thread.ofPlatform().daemon().factory()).evictingBy(pool::evictConnection);
    }

    private static boolean execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement(); ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
