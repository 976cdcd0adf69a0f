package dev.hangup.sql;

import java.sql.Connection;

/**
 * Work with a database connection. See {@link CancellableSql}.
 *
 * @param <T> the type of the result
 */
@FunctionalInterface
public interface SqlWork<T> {
    /**
     * Does the work, with plain JDBC.
     *
     * @param connection closed and unusable after this method has returned, even if the work has not closed it
     * @return the result
     * @throws Exception if the work fails
     */
    T run(Connection connection) throws Exception;
}
