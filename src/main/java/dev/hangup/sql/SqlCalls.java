package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * The statement calls under way on one connection, so that they can be cancelled. Only these are cancelled, since some drivers
 * apply a cancel for an idle statement to the next call.
 */
final class SqlCalls {
    /** The SQLSTATE that PostgreSQL, H2 and others report for a cancelled statement. */
    static final String CANCELLED = "57014";
    private static final System.Logger LOGGER = System.getLogger(SqlCalls.class.getName());

    private final Connection connection;
    private final BooleanSupplier stopped;
    private final Set<Call> underWay = ConcurrentHashMap.newKeySet();
    /** Whether a cancelled call ended as though it was not cancelled. Written by the work's threads. */
    private volatile boolean suspect;
    /** Whether calls were to be cancelled, or refused. Written by the thread that cancels, and by the work's threads. */
    private volatile boolean cancelled;

    /** @param stopped whether new calls are refused */
    SqlCalls(Connection connection, BooleanSupplier stopped) {
        this.connection = connection;
        this.stopped = stopped;
    }

    void ensureNotCancelled() throws SQLException {
        if (stopped.getAsBoolean()) {
            // the work may be over before cancel() is called
            cancelled = true;
            throw new SQLException("The request is over", CANCELLED);
        }
    }

    /** Makes a call that {@link #cancel()} may cancel. */
    Object call(Statement statement, Invocation invocation) throws Throwable {
        Call call = new Call(statement);
        underWay.add(call);
        boolean cancelled = false;
        try {
            ensureNotCancelled();
            return invocation.proceed();
        } catch (SQLException e) {
            cancelled = CANCELLED.equals(e.getSQLState());
            throw e;
        } finally {
            underWay.remove(call);
            if (!call.state.compareAndSet(State.UNDER_WAY, State.ENDED) && !cancelled) {
                suspect = true;
            }
        }
    }

    /** Cancels the calls that are under way, for the first time or again. */
    void cancel() {
        cancelled = true;
        for (Call call : underWay) {
            State before = call.state.getAndUpdate(it -> it == State.ENDED ? it : State.CANCELLED);
            if (before != State.ENDED) {
                try {
                    if (before == State.UNDER_WAY || !PostgresCancel.send(connection)) {
                        call.statement.cancel();
                    }
                } catch (SQLException | RuntimeException e) {
                    LOGGER.log(System.Logger.Level.DEBUG, "A cancel failed", e);
                }
            }
        }
    }

    /** Whether {@link #cancel()} was called, even if no call was under way, or a call was refused. */
    boolean isCancelled() {
        return cancelled;
    }

    boolean suspect() {
        return suspect;
    }

    /** A call to the driver. */
    @FunctionalInterface
    interface Invocation {
        Object proceed() throws Throwable;
    }

    private enum State {
        UNDER_WAY,
        /** A cancel was sent, or is about to be. */
        CANCELLED,
        /** No cancel is sent any more. */
        ENDED
    }

    private static final class Call {
        private final Statement statement;
        /** Settles the race between the call's end and a cancel. */
        private final AtomicReference<State> state = new AtomicReference<>(State.UNDER_WAY);

        private Call(Statement statement) {
            this.statement = statement;
        }
    }
}
