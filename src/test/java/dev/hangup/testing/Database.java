package dev.hangup.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/** A real database to ask. */
public enum Database {
    /** In this JVM, each connection with a database of its own. */
    H2("SELECT count(*) FROM SYSTEM_RANGE(1, ?) WHERE PAUSE() = 1", 10_000, "SELECT H2VERSION()"),
    /** A process of its own, over a socket. */
    POSTGRESQL("SELECT pg_sleep(?)", 1, "SELECT pg_backend_pid()");

    private static final AtomicInteger POOLS = new AtomicInteger();
    private static final AtomicInteger PAUSES = new AtomicInteger();

    private final String sleep;
    private final int unitsPerSecond;
    private final String identity;

    Database(String sleep, int unitsPerSecond, String identity) {
        this.sleep = sleep;
        this.unitsPerSecond = unitsPerSecond;
        this.identity = identity;
    }

    /** Executes a query that takes about as long as is said, or longer; the same one whatever is said. */
    public void sleep(Connection connection, Duration time) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sleep)) {
            statement.setDouble(1, time.toNanos() / 1e9 * unitsPerSecond);
            statement.executeQuery();
        }
    }

    /** A query for what tells the database's end of a connection from others; H2 has nothing of the kind. */
    public String identity() {
        return identity;
    }

    /** Threads to ask it on: H2 computes on them. */
    public ThreadFactory threads() {
        return this == H2 ? Thread.ofPlatform().daemon().factory() : Thread.ofVirtual().factory();
    }

    /** A pool that makes its connections when they are asked for. Its name is the application's. */
    public HikariDataSource pool(int size) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("test-" + POOLS.incrementAndGet());
        config.setMaximumPoolSize(size);
        // with none, HikariCP makes no new connection for who waits already when one is thrown away
        config.setMinimumIdle(1);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(Await.TIME.toMillis());
        switch (this) {
        case H2 -> {
            config.setJdbcUrl("jdbc:h2:mem:");
            config.setConnectionInitSql("CREATE ALIAS PAUSE FOR '" + Database.class.getName() + ".pause'");
        }
        case POSTGRESQL -> config.setJdbcUrl(Postgres.url(config.getPoolName()));
        }
        return new HikariDataSource(config);
    }

    /** Waits until a query of H2 that sleeps is executing. */
    public static void awaitPause() {
        int before = PAUSES.get();
        Await.until("H2 executes", () -> PAUSES.get() > before);
    }

    /** Waits a little; called by H2. */
    public static int pause() {
        PAUSES.incrementAndGet();
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
        return 1;
    }
}
