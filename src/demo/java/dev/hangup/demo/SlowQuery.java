package dev.hangup.demo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;

import com.zaxxer.hikari.HikariConfig;

import io.helidon.config.ConfigException;

/** A query that takes as long as is said, in each database that the demo knows. */
enum SlowQuery {
    /** Runs inside of this JVM, on the thread that asks it: not to be a virtual one. */
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
    /** For each new connection; may be {@code null}. */
    private final String preparation;
    private final String sql;

    SlowQuery(String prefix, ThreadFactory threads, String preparation, String sql) {
        this.prefix = prefix;
        this.threads = threads;
        this.preparation = preparation;
        this.sql = sql;
    }

    /**
     * The one for a database.
     *
     * @param key to be named if there is none
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
