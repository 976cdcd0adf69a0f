package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/**
 * The calls of one connection's statements that are under way, for who cancels them. Only these are cancelled, since some
 * drivers hand a cancel for a statement that is idle to whatever comes next.
 */
final class SqlCalls {
    /** What PostgreSQL, H2 and others say of a statement that was cancelled. */
    static final String CANCELLED = "57014";
    private static final System.Logger LOGGER = System.getLogger(SqlCalls.class.getName());

    private final Connection connection;
    private final BooleanSupplier stopped;
    private final Set<Call> underWay = ConcurrentHashMap.newKeySet();
    /** Whether something was cancelled, and ended as if it was not. Written by the work's threads. */
    private volatile boolean suspect;

    /**
     * @param connection the statements' own
     * @param stopped    whether no more calls are to be begun
     */
    SqlCalls(Connection connection, BooleanSupplier stopped) {
        this.connection = connection;
        this.stopped = stopped;
    }

    void ensureWanted() throws SQLException {
        if (stopped.getAsBoolean()) {
            throw new SQLException("The request is over", CANCELLED);
        }
    }

    /** Makes a call that {@link #cancel()} may cancel. */
    Object call(Statement statement, Invocation invocation) throws Throwable {
        Call call = new Call(statement);
        underWay.add(call);
        boolean cancelled = false;
        try {
            ensureWanted();
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

    boolean suspect() {
        return suspect;
    }

    /** What the driver is asked to do. */
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
