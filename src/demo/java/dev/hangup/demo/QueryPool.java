package dev.hangup.demo;

import java.time.Duration;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import dev.hangup.sql.CancellableSql;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import io.helidon.config.Config;
import io.helidon.config.ConfigException;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpFeature;
import io.helidon.webserver.http.HttpRouting;

/**
 * A pool of connections to {@code db.url}. It is opened by the first query, and closed with the server of which it is a
 * feature.
 */
final class QueryPool implements HttpFeature {
    /** The shortest wait that HikariCP accepts. */
    private static final Duration SHORTEST_WAIT = Duration.ofMillis(250);
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private final String url;
    private final String username;
    private final String password;
    private final int size;
    private final Duration wait;
    private final SlowQuery query;

    private final Lock lock = new ReentrantLock();
    /** Guarded by the lock; {@code null} until the first use. */
    private HikariDataSource pool;
    /** What all queries share, since the bound on borrows that nobody waits for is its own. Guarded by the lock. */
    private CancellableSql sql;
    /** Guarded by the lock. */
    private boolean closed;

    private QueryPool(String url, Config config) {
        this.url = url;
        this.query = SlowQuery.of(url, config.get("url").key().toString());
        this.username = config.get("username").asString().orElse("");
        this.password = config.get("password").asString().orElse("");
        this.size = config.get("pool.size").asInt().orElse(10);
        this.wait = config.get("pool.wait").as(Duration.class).orElse(Duration.ofSeconds(5));
        if (size < 1) {
            throw new ConfigException(config.get("pool.size").key() + " must be at least 1, but is " + size);
        }
        if (wait.compareTo(SHORTEST_WAIT) < 0 || wait.compareTo(LONGEST_WAIT) > 0) {
            throw new ConfigException(config.get("pool.wait").key() + " must be from " + SHORTEST_WAIT + " to " + LONGEST_WAIT
                                              + ", but is " + wait);
        }
    }

    static QueryPool create(Config config) {
        return new QueryPool(config.get("url").asString().orElse("jdbc:h2:mem:"), config);
    }

    /** Returns the slow query for the database. */
    SlowQuery query() {
        return query;
    }

    /** Returns the instance that runs work with the pool's connections. */
    CancellableSql sql() {
        lock.lock();
        try {
            if (closed) {
                throw new HttpException("The server is stopping", Status.SERVICE_UNAVAILABLE_503, false);
            }
            if (pool == null) {
                pool = new HikariDataSource(config());
                sql = CancellableSql.of(pool).on(query.threads()).evictingBy(pool::evictConnection);
            }
            return sql;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void setup(HttpRouting.Builder routing) {
        // no routes: only the server's end matters
    }

    @Override
    public void afterStop() {
        lock.lock();
        try {
            closed = true;
            if (pool != null) {
                pool.close();
            }
        } finally {
            lock.unlock();
        }
    }

    private HikariConfig config() {
        HikariConfig config = new HikariConfig();
        config.setPoolName("demo");
        config.setJdbcUrl(url);
        config.setUsername(username);
        config.setPassword(password);
        config.setMaximumPoolSize(size);
        // with zero, HikariCP opens no new connection for waiting callers when one is evicted
        config.setMinimumIdle(1);
        config.setConnectionTimeout(wait.toMillis());
        // a missing database fails requests, not the start of the server
        config.setInitializationFailTimeout(-1);
        query.prepare(config);
        return config;
    }
}
