/**
 * Work that nothing stops, in worker JVMs that are killed.
 * <p>
 * {@link dev.hangup.isolated.Isolated} is the way in. On the server's side {@code WorkerPool} keeps {@code Worker}s; {@code
 * WorkerMain} is the other side. Bytes pass between them, over a socket that nobody else reaches ({@code PrivateDirectory}).
 */
package dev.hangup.isolated;
