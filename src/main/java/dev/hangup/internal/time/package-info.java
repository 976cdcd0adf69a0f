/**
 * Time: one timer for all, a coarse timeout that costs next to nothing, and the time of day of a reading of
 * {@link java.lang.System#nanoTime()}.
 */
package dev.hangup.internal.time;
