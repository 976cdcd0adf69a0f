/**
 * Database work whose statements are cancelled in the database when the work is cancelled.
 * <p>
 * {@link dev.hangup.sql.CancellableSql} runs plain JDBC; {@code SqlHandle} is the work's proxy of a connection. {@code Lease}
 * gives the connection back if it is usable, and evicts it otherwise.
 */
package dev.hangup.sql;
