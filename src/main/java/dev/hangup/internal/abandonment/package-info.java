/**
 * The refusal of clients that abandon too many requests.
 * <p>
 * {@link dev.hangup.internal.abandonment.AbandonmentLimiter} is the way in. {@code Replacements} tells searches from retries,
 * {@code AbandonmentWindows} remembers what was abandoned, and {@link dev.hangup.abandonment.ClientKey} says who a client is.
 */
package dev.hangup.internal.abandonment;
