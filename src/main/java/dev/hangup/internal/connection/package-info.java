/**
 * The code that both protocols share: a request and its response as their connection sees them, the read-ahead that notices a
 * disconnect, the wait for a concurrency permit, and the drain when the server stops.
 * <p>
 * {@link dev.hangup.internal.connection.Exchange} is the race's view of a connection; {@code ReadAhead} is the only reader of a
 * watched socket.
 */
package dev.hangup.internal.connection;
