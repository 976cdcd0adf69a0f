package dev.hangup.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;

import com.zaxxer.hikari.HikariConfig;

import io.helidon.config.ConfigException;

/** A query that takes a given time, for each database that the demo supports. */
enum SlowQuery {
    /** Runs inside this JVM, on the calling thread, which must not be a virtual one. */
    H2("jdbc:h2:", Thread.ofPlatform().daemon().name("h2-", 0).factory(),
            "CREATE ALIAS IF NOT EXISTS PAUSED_UNTIL FOR '" + H2Pause.class.getName() + ".pausedUntil'",
            "SELECT X FROM SYSTEM_RANGE(1, 9223372036854775807) WHERE PAUSED_UNTIL(?) FETCH FIRST ROW ONLY") {
        @Override
        void setTime(PreparedStatement query, Duration time) throws SQLException {
            query.setLong(1, System.nanoTime() + time.toNanos());
        }
    },
    POSTGRESQL("jdbc:postgresql:", Thread.ofVirtual().name("postgresql-", 0).factory(), null, "SELECT pg_sleep(?)") {
        @Override
        void setTime(PreparedStatement query, Duration time) throws SQLException {
            query.setDouble(1, time.toNanos() / 1e9);
        }
    };

    private final String prefix;
    private final ThreadFactory threads;
    /** A statement for each new connection; may be {@code null}. */
    private final String preparation;
    private final String sql;

    SlowQuery(String prefix, ThreadFactory threads, String preparation, String sql) {
        this.prefix = prefix;
        this.threads = threads;
        this.preparation = preparation;
        this.sql = sql;
    }

    /**
     * Returns the query for a database.
     *
     * @param key the configuration key to name in the error message
     */
    static SlowQuery of(String url, String key) {
        return Arrays.stream(values())
                .filter(it -> url.startsWith(it.prefix))
                .findFirst()
                .orElseThrow(() -> new ConfigException(key + " must begin with "
                        + String.join(" or ", Arrays.stream(values()).map(it -> it.prefix).toList())));
    }

    ThreadFactory threads() {
        return threads;
    }

    void prepare(HikariConfig pool) {
        pool.setConnectionInitSql(preparation);
    }

    void run(Connection connection, Duration time) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(sql)) {
            setTime(query, time);
            query.executeQuery();
        }
    }

    abstract void setTime(PreparedStatement query, Duration time) throws SQLException;
}
