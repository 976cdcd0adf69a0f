package dev.hangup.isolated;

/**
 * How many workers there are, by what they do.
 *
 * @param starting those that cannot be called yet
 * @param idle     those that wait for a call
 * @param busy     those that are at one, or have ended at it and are not replaced yet
 */
public record Workers(int starting, int idle, int busy) {
}
