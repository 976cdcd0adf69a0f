package dev.hangup.sql;

import java.sql.Connection;
import java.sql.SQLException;

import org.postgresql.PGConnection;

/**
 * Another cancel for PostgreSQL. The {@code cancel()} of its driver's statements sends one for each execution, even if it
 * reaches the database before the statement does and is lost; and none for a fetch of further rows. Its connections send
 * one whenever they are asked.
 */
final class PostgresCancel {
    private PostgresCancel() {
    }

    /** @return whether the connection is one of PostgreSQL's; else nothing was sent */
    static boolean send(Connection connection) throws SQLException {
        try {
            return Driver.send(connection);
        } catch (NoClassDefFoundError e) {
            // there is no such driver
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
