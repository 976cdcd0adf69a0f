package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

import dev.hangup.internal.outcome.CancellationEffect;

/**
 * The statement calls under way on one connection, so that they can be cancelled. Only these are cancelled, since some drivers
 * apply a cancel for an idle statement to the next call.
 */
final class SqlCalls {
    /** The SQLSTATE of calls that are refused: what PostgreSQL, H2 and others report for a cancelled statement. */
    static final String CANCELLED = "57014";
    private static final System.Logger LOGGER = System.getLogger(SqlCalls.class.getName());

    private final Connection connection;
    private final BooleanSupplier stopped;
    private final Set<Call> underWay = ConcurrentHashMap.newKeySet();
    /**
     * Whether a cancelled call ended as though it was not cancelled, or the work may have been kept from undoing what it had
     * changed. Written by the work's threads.
     */
    private volatile boolean suspect;
    /** Whether the work may have changed what the next user of the connection finds. Written by the work's threads. */
    private volatile boolean changed;
    /** Whether calls were to be cancelled, or refused. Written by the thread that cancels, and by the work's threads. */
    private volatile boolean cancelled;

    /** @param stopped whether new calls are refused */
    SqlCalls(Connection connection, BooleanSupplier stopped) {
        this.connection = connection;
        this.stopped = stopped;
    }

    /** Whether the work is cancelled, so that calls are refused. */
    boolean isStopped() {
        if (!stopped.getAsBoolean()) {
            return false;
        }
        // the work may be over before cancel() is called
        cancelled = true;
        return true;
    }

    /**
     * Refuses a call if the work is cancelled.
     *
     * @param mayUndo whether the call might undo what the work has changed for the next user of the connection
     */
    void ensureNotCancelled(boolean mayUndo) throws SQLException {
        if (isStopped()) {
            if (mayUndo && changed) {
                suspect = true;
            }
            throw new SQLException("The request is over", CANCELLED);
        }
    }

    /** Called before the work may change what the next user of the connection finds. */
    void changes() {
        changed = true;
    }

    /** Called when the work has failed to undo something after its cancellation. */
    void notUndone() {
        suspect = true;
    }

    /** Makes a call that {@link #cancel()} may cancel; {@code mayUndo} as for {@link #ensureNotCancelled}. */
    Object call(Statement statement, boolean mayUndo, Invocation invocation) throws Throwable {
        Call call = new Call(statement);
        underWay.add(call);
        boolean cancelled = false;
        try {
            ensureNotCancelled(mayUndo);
            return invocation.proceed();
        } catch (SQLException e) {
            cancelled = CancellationEffect.isCancelledStatement(e);
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
