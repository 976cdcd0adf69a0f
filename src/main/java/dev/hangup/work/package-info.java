/**
 * Kinds of work that are not plain blocking code on a virtual thread, and how each of them is stopped.
 * <p>
 * Each is a way to run a part of a request's work, called from inside of it: computation on platform threads, work that no
 * interrupt may touch, database queries, streams of events, calls to other services, commands, tasks in JVMs that are
 * killed. All of them rest on {@link dev.hangup.race.Part}. They do the same, and stop at an interrupt of the calling thread,
 * where no race is on.
 */
package dev.hangup.work;
