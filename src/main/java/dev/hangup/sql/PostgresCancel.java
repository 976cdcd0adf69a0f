package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;

import org.postgresql.PGConnection;

/**
 * Cancels through a PostgreSQL connection instead of a statement. The driver's {@code Statement.cancel()} sends one cancel for
 * each execution, even if the database receives it before the statement and drops it. It sends none for a fetch of further
 * rows. The driver's connections send a cancel on every call.
 */
final class PostgresCancel {
    private PostgresCancel() {
    }

    /** Sends a cancel and returns {@code true} if the connection is a PostgreSQL connection; otherwise returns {@code false}. */
    static boolean send(Connection connection) throws SQLException {
        try {
            return Driver.send(connection);
        } catch (NoClassDefFoundError e) {
            // the driver is not on the class path
            return false;
        }
    }

    /** The only class that needs the driver. */
    private static final class Driver {
        static boolean send(Connection connection) throws SQLException {
            if (!connection.isWrapperFor(PGConnection.class)) {
                return false;
            }
            connection.unwrap(PGConnection.class).cancelQuery();
            return true;
        }
    }
}
