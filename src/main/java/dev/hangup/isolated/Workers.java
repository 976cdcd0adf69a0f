package dev.hangup.isolated;

/**
 * The number of workers in each state.
 *
 * @param starting workers that are not ready yet
 * @param idle     workers that wait for a call
 * @param busy     workers that run a call, or that ended during a call and are not replaced yet
 */
public record Workers(int starting, int idle, int busy) {
}
