package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.hangup.Cancellation;

/** One work's use of a connection, from when it came from the data source until it goes back there. */
final class Lease implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Lease.class.getName());
    private static final int ANSWERS_WITHIN_SECONDS = 5;

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
     * Begins one. If that fails the connection is closed.
     *
     * @throws InterruptedException if the cancellation was stopped
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

    /** Gives the connection back in a sound state, or sees to it that it is not used again. By the work, or at its end. */
    @Override
    public void close() throws SQLException {
        if (closed.getAndSet(true)) {
            return;
        }
        boolean sound = false;
        try {
            over.countDown();
            cancelling.close();
            aborting.close();
            sound = !cancellation.isRequested() || !suspect() && usable();
        } finally {
            if (sound) {
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

    /** Asks the database, too: what a cancel has left on its way there is in front of the answer. */
    private boolean usable() {
        try {
            if (!connection.isValid(ANSWERS_WITHIN_SECONDS)) {
                return false;
            }
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            return true;
        } catch (SQLException | RuntimeException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "A connection does not answer", e);
            return false;
        }
    }

    private void evict() {
        try (connection) {
            eviction.evict(connection);
        } catch (SQLException e) {
            // that it is broken is what was wanted
            LOGGER.log(System.Logger.Level.DEBUG, "A connection was thrown away", e);
        }
    }
}
