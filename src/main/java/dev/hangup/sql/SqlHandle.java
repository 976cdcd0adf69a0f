package dev.hangup.sql;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;

/**
 * The work's proxy of a connection, or of an object obtained from one. Its calls can be cancelled.
 *
 * @param target    what the calls are passed to
 * @param parent    the proxy that this one was obtained from; {@code null} for the connection's
 * @param statement the statement to cancel in order to stop a call on this proxy; {@code null} if there is none
 */
record SqlHandle(Object target, Object parent, Statement statement, SqlCalls calls, Lease lease) implements InvocationHandler {
    /** The methods that wait while the database computes. */
    private static final Set<String> LONG = Set.of("getMoreResults", "next", "previous", "first", "last", "absolute",
                                                   "relative", "afterLast", "insertRow", "updateRow", "deleteRow",
                                                   "refreshRow");
    /** The methods that are allowed after cancellation. */
    private static final Set<String> ENDING = Set.of("close", "isClosed", "rollback", "abort", "cancel", "free");

    static Connection of(Connection connection, SqlCalls calls, Lease lease) {
        return proxy(Connection.class, new SqlHandle(connection, null, null, calls, lease));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> target.toString();
            };
        }
        switch (method.getName()) {
        case "close" -> {
            if (target instanceof Connection) {
                lease.close();
                return null;
            }
        }
        case "unwrap" -> {
            // a driver's own type must not be wrapped: a proxy has none of its methods
            return ((Class<?>) arguments[0]).isInstance(proxy) ? proxy : call(method, arguments);
        }
        case "getConnection" -> {
            return parent;
        }
        case "getStatement" -> {
            return statement == null ? null : parent;
        }
        default -> {
            // the driver's
        }
        }
        return wrapped(proxy, call(method, arguments));
    }

    private Object call(Method method, Object[] arguments) throws Throwable {
        String name = method.getName();
        if (lease.isClosed()) {
            return afterEnd(name);
        }
        if (ENDING.contains(name)) {
            return invoke(method, arguments);
        }
        if (statement != null && (LONG.contains(name) || name.startsWith("execute"))) {
            return calls.call(statement, mayUndo(name), () -> {
                calls.changes();
                return invoke(method, arguments);
            });
        }
        if (target instanceof Connection connection && name.startsWith("set") && calls.isStopped()) {
            return putBack(connection, method, arguments);
        }
        calls.ensureNotCancelled(mayUndo(name));
        if (name.equals("unwrap")) {
            // what is done with the driver's own type remains unknown
            calls.changes();
        }
        return invoke(method, arguments);
    }

    /**
     * Whether a call may be a part of what the work does at its end, to undo what it has changed in the session: a variable, a lock,
     * a transaction that was begun by a statement. A loop over rows, and a commit, are no such calls.
     */
    private boolean mayUndo(String name) {
        return !(target instanceof ResultSet) && !name.equals("commit") && !name.startsWith("get") && !name.startsWith("is");
    }

    /**
     * Sets something of the connection after cancellation, such as {@code autoCommit}, which work does at its end. An open
     * transaction is rolled back first: {@link Connection#setAutoCommit} would commit it.
     */
    private Object putBack(Connection connection, Method method, Object[] arguments) throws Throwable {
        try {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
            return invoke(method, arguments);
        } catch (Throwable e) {
            calls.notUndone();
            throw e;
        }
    }

    /** Handles a call after the lease has ended, when the connection may have another user. */
    private static Object afterEnd(String name) throws SQLException {
        return switch (name) {
        case "close", "free" -> null;
        case "isClosed" -> true;
        default -> throw new SQLException("The connection is closed", "08003");
        };
    }

    private Object invoke(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Returns an object of the driver, wrapped in a proxy where the work needs one. */
    private Object wrapped(Object proxy, Object made) {
        return switch (made) {
        case CallableStatement it -> proxy(CallableStatement.class, of(it, proxy, it));
        case PreparedStatement it -> proxy(PreparedStatement.class, of(it, proxy, it));
        case Statement it -> proxy(Statement.class, of(it, proxy, it));
        case ResultSet it -> proxy(ResultSet.class, of(it, target instanceof ResultSet ? parent : proxy, statement));
        case DatabaseMetaData it -> proxy(DatabaseMetaData.class, of(it, proxy, null));
        case null, default -> made;
        };
    }

    private SqlHandle of(Object made, Object maker, Statement cancelled) {
        return new SqlHandle(made, maker, cancelled, calls, lease);
    }

    private static <T> T proxy(Class<T> type, SqlHandle handle) {
        return type.cast(Proxy.newProxyInstance(SqlHandle.class.getClassLoader(), new Class<?>[] {type}, handle));
    }
}
