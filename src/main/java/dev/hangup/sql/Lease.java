package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.Cancellation;

/** The use of a connection by one piece of work, from taking it from the data source until giving it back. */
final class Lease implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Lease.class.getName());
    private static final int RESPONSE_TIMEOUT_SECONDS = 5;

    private final Connection connection;
    private final Cancellation cancellation;
    private final CancellableSql.Eviction eviction;
    private final SqlCalls calls;
    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    /** Written by the thread that aborts. */
    private volatile boolean aborted;
    /** Owned by the thread that begins the lease, and by the one that closes it. */
    private Connection handle;
    private Cancellation.Registration cancelling;
    private Cancellation.Registration aborting;

    private Lease(Connection connection, Cancellation cancellation, CancellableSql.Eviction eviction) {
        this.connection = connection;
        this.cancellation = cancellation;
        this.eviction = eviction;
        this.calls = new SqlCalls(connection, cancellation::isRequested);
    }

    /**
     * Begins a lease. If that fails, the connection is closed.
     *
     * @throws InterruptedException if the work was already cancelled
     */
    static Lease begin(Connection connection, Cancellation cancellation, Duration abortAfter, CancellableSql.Eviction eviction)
            throws SQLException, InterruptedException {
        Lease lease = new Lease(connection, cancellation, eviction);
        lease.handle = SqlHandle.of(connection, lease.calls, lease);
        try {
            lease.cancelling = cancellation.onCancelRepeating(lease.calls::cancel);
            lease.aborting = cancellation.onCancel(() -> lease.abortUnlessOver(abortAfter));
            return lease;
        } catch (Throwable e) {
            lease.over.countDown();
            connection.close();
            throw e;
        }
    }

    /** The connection as the work sees it. */
    Connection handle() {
        return handle;
    }

    boolean isClosed() {
        return closed.get();
    }

    /** Gives the connection back in a usable state, or ensures that it is not used again. Called by the work or after its end. */
    @Override
    public void close() throws SQLException {
        if (closed.getAndSet(true)) {
            return;
        }
        boolean reusable = false;
        try {
            over.countDown();
            cancelling.close();
            aborting.close();
            // not cancellation.isRequested(), which would revoke a response that may be complete
            reusable = !calls.isCancelled() && !aborted || !suspect() && usable();
        } finally {
            if (reusable) {
                connection.close();
            } else {
                evict();
            }
        }
    }

    private void abortUnlessOver(Duration time) throws SQLException, InterruptedException {
        if (!over.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
            aborted = true;
            LOGGER.log(System.Logger.Level.WARNING, "A statement could not be cancelled within " + time.toMillis()
                    + " ms: its connection is aborted");
            connection.abort(Runnable::run);
        }
    }

    private boolean suspect() {
        return aborted || cancelling.isAbandoned() || aborting.isAbandoned() || calls.suspect();
    }

    /** Returns whether the connection is usable. A round trip to the database flushes out a cancel that is still on its way. */
    private boolean usable() {
        try {
            if (!connection.isValid(RESPONSE_TIMEOUT_SECONDS)) {
                return false;
            }
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            return true;
        } catch (SQLException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "A connection does not respond", e);
            return false;
        }
    }

    private void evict() {
        try (connection) {
            eviction.evict(connection);
        } catch (SQLException e) {
            // a broken connection is the intended result
            LOGGER.log(System.Logger.Level.DEBUG, "A connection was evicted", e);
        }
    }
}
