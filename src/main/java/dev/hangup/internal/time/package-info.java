/**
 * Time: the shared timer, a cheap coarse timeout, an interrupt that comes only while a thread waits, and the time of day of a
 * reading of {@link java.lang.System#nanoTime()}.
 */
package dev.hangup.internal.time;
