/**
 * The refusal of clients that abandon too many requests.
 * <p>
 * {@link dev.hangup.internal.abandonment.AbandonmentLimiter} is the way in; {@code AbandonmentWindows} says what is remembered
 * of a client, and {@link dev.hangup.abandonment.ClientKey} who it is.
 */
package dev.hangup.internal.abandonment;
