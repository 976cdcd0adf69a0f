/** Time: the shared timer, a cheap coarse timeout, and the time of day of a reading of {@link java.lang.System#nanoTime()}. */
package dev.hangup.internal.time;
