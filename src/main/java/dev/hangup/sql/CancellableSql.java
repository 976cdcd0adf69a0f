package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.Cancellation;
import dev.hangup.Uninterruptible;
import dev.hangup.internal.race.OffThreadTask;

import javax.sql.DataSource;

/**
 * JDBC work whose statements are cancelled in the database when nobody waits for it any more.
 * <p>
 * {@link #call} takes a connection from the data source, on the calling thread, runs the work with it uninterruptibly (see
 * {@link Uninterruptible}: no interrupt reaches it, an interrupt would break the connection and leave the query running), and
 * gives the connection back. When the calling thread is interrupted meanwhile, because its client has left, its deadline has
 * passed or the server stops:
 * <ul>
 * <li>Statements that are executing are cancelled ({@link java.sql.Statement#cancel()}), again and again until they have
 * ended, since drivers and databases may drop a cancel that comes before the statement has begun.</li>
 * <li>From then on all that the work does with its connection, its statements and its result sets throws an
 * {@link SQLException} with SQLSTATE 57014, except for closing and rolling back. A commit is refused; one that is under way
 * may succeed.</li>
 * <li>A work that goes on after {@link #abortAfter(Duration) 5 seconds} has its connection aborted
 * ({@link Connection#abort}).</li>
 * <li>When it has ended, what it has not committed is rolled back, and the call throws {@link InterruptedException}, with
 * what the work threw as its cause.</li>
 * </ul>
 * The connection goes back when no cancel is under way any more, so that none hits its next user, and after it was seen to
 * answer. If that is not certain, it is thrown away: a statement was cancelled but ended as if it was not, a cancel did not
 * return in that time after the work had ended, or the connection was aborted.
 * <p>
 * What is reached by {@code unwrap} to the driver's own types, and work that is not done in the database, is not stopped. The
 * deadline of the request does not become a query time-out; it interrupts, and that cancels.
 * <p>
 * Immutable, for use by any thread, inside a request under Hangup or elsewhere.
 */
public final class CancellableSql {
    private static final Duration ABORT_AFTER = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final ThreadFactory VIRTUAL = Thread.ofVirtual().name("sql").factory();

    private final DataSource source;
    private final ThreadFactory threads;
    private final Duration abortAfter;
    private final Eviction eviction;

    private CancellableSql(DataSource source, ThreadFactory threads, Duration abortAfter, Eviction eviction) {
        this.source = Objects.requireNonNull(source);
        this.threads = Objects.requireNonNull(threads);
        this.abortAfter = abortAfter;
        this.eviction = Objects.requireNonNull(eviction);
    }

    /**
     * Work with connections of a data source, on virtual threads.
     *
     * @param source where connections come from, usually a pool
     * @return with defaults for all else
     */
    public static CancellableSql of(DataSource source) {
        return new CancellableSql(source, VIRTUAL, ABORT_AFTER, Eviction.ABORT);
    }

    /**
     * On other threads. A database that runs inside of this JVM computes on the thread that asks it: on virtual threads, as
     * many queries as there are cores would stop everything else. There are no more of them at a time than connections.
     *
     * @param threads makes a thread for each work
     * @return a copy that does
     */
    public CancellableSql on(ThreadFactory threads) {
        return new CancellableSql(source, threads, abortAfter, eviction);
    }

    /**
     * When to abort the connection of work that is to stop and does not. The database may go on with the query until it
     * notices; PostgreSQL does if {@code client_connection_check_interval} is set. H2 cannot abort.
     *
     * @param time from the stop; positive, at most a day, 5 seconds if it is not said
     * @return a copy that does
     */
    public CancellableSql abortAfter(Duration time) {
        if (!time.isPositive() || time.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("The time after which to abort must be positive, and at most " + LONGEST
                                                       + ", but is " + time);
        }
        return new CancellableSql(source, threads, time, eviction);
    }

    /**
     * How connections are thrown away that had better not be used again. If it is not said they are aborted and closed, which
     * pools notice with most drivers, but some (H2's) cannot abort.
     *
     * @param eviction tells the pool, as in {@code pool::evictConnection} of HikariCP; the connection is closed after that
     * @return a copy that does
     */
    public CancellableSql evictingBy(Eviction eviction) {
        return new CancellableSql(source, threads, abortAfter, eviction);
    }

    /**
     * Runs work with a connection.
     *
     * @param work the work
     * @param <T>  type of what it computes
     * @return what it has computed
     * @throws InterruptedException if the calling thread was interrupted, while it waited for a connection or before the work
     *                              had ended
     * @throws SQLException         if there is no connection to be had, or it could not be given back
     * @throws Exception            what the work threw
     */
    public <T> T call(SqlWork<T> work) throws Exception {
        OffThreadTask.ensureNotCancelled();
        Connection connection = connect();
        AtomicBoolean begun = new AtomicBoolean();
        try {
            return OffThreadTask.callUninterrupted("sql", threads, abortAfter, () -> {
                begun.set(true);
                try (Lease lease = Lease.begin(connection, Cancellation.current(), abortAfter, eviction)) {
                    return work.run(lease.handle());
                }
            });
        } finally {
            // there was no thread to be had for it
            if (!begun.get()) {
                connection.close();
            }
        }
    }

    private Connection connect() throws SQLException, InterruptedException {
        try {
            return source.getConnection();
        } catch (SQLException | RuntimeException e) {
            if (Thread.interrupted()) {
                throw (InterruptedException) new InterruptedException("Stopped while it waited for a connection").initCause(e);
            }
            throw e;
        }
    }

    /** Throws connections away. */
    @FunctionalInterface
    public interface Eviction {
        /** For drivers that can abort: the pool notices at once. */
        Eviction ABORT = connection -> {
            try {
                connection.abort(Runnable::run);
            } finally {
                // what the pool has wrapped
                connection.unwrap(Connection.class).close();
            }
        };

        /**
         * Sees to it that a connection is not used again.
         *
         * @param connection as it came from the data source; closed by the caller
         * @throws SQLException if that fails; logged
         */
        void evict(Connection connection) throws SQLException;
    }
}
