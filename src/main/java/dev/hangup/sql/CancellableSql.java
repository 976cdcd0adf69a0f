package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.Cancellation;
import dev.hangup.Uninterruptible;
import dev.hangup.internal.race.Borrowing;
import dev.hangup.internal.race.OffThreadTask;

import javax.sql.DataSource;

/**
 * Runs JDBC work, and cancels its statements in the database when the work is cancelled.
 * <p>
 * {@link #call} takes a connection from the data source, runs the work with that connection, and gives the connection back.
 * <p>
 * A caller that is interrupted while it waits for a connection leaves at once; a connection that comes later is given back. At
 * most 256 callers may have left while the data source has not responded; further callers wait for its response. The thread that
 * asks the data source is never interrupted. It has the Helidon context and the logging context of the caller, but none of the
 * application's scoped values. If the data source depends on one, for instance on a tenant, choose it before the call.
 * <p>
 * The work runs uninterruptibly (see {@link Uninterruptible}), because an interrupt would break the connection and leave the
 * query running. If the calling thread is interrupted meanwhile, because the client has left, the deadline has passed or the
 * server stops:
 * <ul>
 * <li>Statements that are executing are cancelled ({@link java.sql.Statement#cancel()}), repeatedly until they have ended.
 * Drivers and databases may drop a cancel that comes before the statement has begun.</li>
 * <li>From then on, every call on the connection, its statements and its result sets throws an {@link SQLException} with
 * SQLSTATE 57014, except for closing, rolling back, and what puts back a setting of the connection ({@code setAutoCommit} and the
 * other methods of {@link Connection} that begin with {@code set}). Before such a setting, an open transaction is rolled back. A
 * new commit is refused; a commit that is under way may succeed.</li>
 * <li>If the work still runs after {@link #abortAfter(Duration) 5 seconds}, its connection is aborted ({@link
 * Connection#abort}).</li>
 * <li>When the work has ended, its open transaction is rolled back, and the call throws {@link InterruptedException}. The cause
 * is the exception that the work threw, if any.</li>
 * </ul>
 * The connection is given back only when no cancel is under way, so that none hits its next user, and only after a check that the
 * database responds on it. If that is uncertain, the connection is evicted. This happens if a cancelled statement ended as
 * though it was not cancelled, if a cancel did not return in time after the work had ended, if the connection was aborted, or if a
 * statement was refused after others had been executed: it might have undone what the work had changed in the session, such as a
 * variable or a lock.
 * <p>
 * Calls on driver types obtained by {@code unwrap}, and work outside of the database, are not cancelled. The deadline of the
 * request does not become a query timeout: it interrupts the calling thread, and the interrupt cancels the statements.
 * <p>
 * Instances are immutable and may be used by any thread, inside a request under Hangup or elsewhere.
 */
public final class CancellableSql {
    private static final Duration ABORT_AFTER = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().name("sql").factory();

    private final Borrowing<Connection> connections;
    private final ThreadFactory threads;
    private final Duration abortAfter;
    private final Eviction eviction;

    private CancellableSql(Borrowing<Connection> connections, ThreadFactory threads, Duration abortAfter, Eviction eviction) {
        this.connections = connections;
        this.threads = Objects.requireNonNull(threads);
        this.abortAfter = abortAfter;
        this.eviction = Objects.requireNonNull(eviction);
    }

    /**
     * Creates an instance that runs work on virtual threads, with connections of a data source. Keep it for as long as the data
     * source: the bound on callers that have left applies to this instance and its copies together.
     *
     * @param source the source of the connections, usually a pool
     * @return an instance with defaults for all other settings
     */
    public static CancellableSql of(DataSource source) {
        Objects.requireNonNull(source);
        return new CancellableSql(new Borrowing<>("sql-borrow", source::getConnection), VIRTUAL, ABORT_AFTER, Eviction.ABORT);
    }

    /**
     * Returns a copy that runs work on threads of another kind. A database inside this JVM computes on the thread that calls
     * it. On virtual threads, as many queries as there are cores would then hold all carriers. At most one such thread runs for
     * each connection.
     *
     * @param threads makes a thread for each piece of work
     * @return a copy with this setting
     */
    public CancellableSql on(ThreadFactory threads) {
        return new CancellableSql(connections, threads, abortAfter, eviction);
    }

    /**
     * Returns a copy with another time after which the connection of cancelled work that still runs is aborted. The database
     * may go on with the query until it notices the abort; PostgreSQL notices while a query runs if {@code
     * client_connection_check_interval} is set. H2 cannot abort. In such work, {@link Cancellation.Registration#close()} waits for
     * that time, too, in place of 5 seconds.
     *
     * @param time counted from the cancellation; positive, at most a day; 5 seconds by default
     * @return a copy with this setting
     */
    public CancellableSql abortAfter(Duration time) {
        if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("The time after which to abort must be positive, and at most " + LONGEST
                                                       + ", but is " + time);
        }
        return new CancellableSql(connections, threads, time, eviction);
    }

    /**
     * Returns a copy that evicts suspect connections in another way. By default they are aborted and closed. Pools notice that
     * with most drivers, but some drivers, such as H2's, cannot abort.
     *
     * @param eviction evicts a connection from the pool, such as HikariCP's {@code pool::evictConnection}; the connection is
     *                 closed after that
     * @return a copy with this setting
     */
    public CancellableSql evictingBy(Eviction eviction) {
        return new CancellableSql(connections, threads, abortAfter, eviction);
    }

    /**
     * Runs work with a connection.
     *
     * @param work the work
     * @param <T>  the type of the result
     * @return the result of the work
     * @throws InterruptedException if the calling thread was interrupted while it waited for a connection or before the work
     *                              had ended
     * @throws SQLException         if no connection is available, or if it could not be given back
     * @throws Exception            if the work threw an exception
     */
    public <T> T call(SqlWork<T> work) throws Exception {
        OffThreadTask.ensureNotCancelled();
        Connection connection = connections.borrow();
        AtomicBoolean begun = new AtomicBoolean();
        try {
            return OffThreadTask.callUninterrupted("sql", threads, abortAfter, () -> {
                begun.set(true);
                try (Lease lease = Lease.begin(connection, Cancellation.current(), abortAfter, eviction)) {
                    return work.run(lease.handle());
                }
            });
        } finally {
            // cancelled before it began, or no thread could be started
            if (!begun.get()) {
                connections.giveBack(connection);
            }
        }
    }

    /** Evicts connections. */
    @FunctionalInterface
    public interface Eviction {
        /** Aborts the connection, for drivers that can: the pool notices at once. */
        Eviction ABORT = connection -> {
            try {
                connection.abort(Runnable::run);
            } finally {
                // the driver's connection inside the pool's wrapper
                connection.unwrap(Connection.class).close();
            }
        };

        /**
         * Ensures that a connection is not used again.
         *
         * @param connection the connection from the data source; the caller closes it
         * @throws SQLException if eviction fails; logged
         */
        void evict(Connection connection) throws SQLException;
    }
}
