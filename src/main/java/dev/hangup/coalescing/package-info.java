/**
 * Answers that several requests share: one computation for all that ask for the same at the same time, and its result for
 * those who ask a little later, retries above all.
 * <p>
 * {@link dev.hangup.coalescing.Coalescing} is the handler of a route; {@code SharedCall} is one computation and those who wait
 * for it.
 */
package dev.hangup.coalescing;
