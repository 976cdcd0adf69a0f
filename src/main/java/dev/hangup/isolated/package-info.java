/**
 * Work that cannot be interrupted, run in worker JVMs that are killed to cancel it.
 * <p>
 * {@link dev.hangup.isolated.Isolated} is the entry point. On the server's side, {@code WorkerPool} holds {@code Worker}s;
 * {@code WorkerMain} is the worker's side. They exchange bytes over a socket that other users cannot reach
 * ({@code PrivateDirectory}).
 */
package dev.hangup.isolated;
