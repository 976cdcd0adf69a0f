package dev.hangup.sql;

import java.sql.Connection;

/**
 * Work with a database connection. See {@link CancellableSql}.
 *
 * @param <T> type of what it computes
 */
@FunctionalInterface
public interface SqlWork<T> {
    /**
     * Do it, with plain JDBC.
     *
     * @param connection of no use after this has returned; closed then, if the work has not closed it
     * @return what is computed
     * @throws Exception whatever the work throws
     */
    T run(Connection connection) throws Exception;
}
