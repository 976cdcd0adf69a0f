/**
 * Database queries that are cancelled in the database when nobody waits for them any more.
 * <p>
 * {@link dev.hangup.sql.CancellableSql} runs plain JDBC; {@code SqlHandle} is what that holds in place of a connection, {@code
 * Lease} gives the connection back sound or throws it away.
 */
package dev.hangup.sql;
