/**
 * Refuses clients that abandon too many requests.
 * <p>
 * {@link dev.hangup.internal.abandonment.AbandonmentLimiter} is the entry point. {@code Replacements} recognises searches and
 * retries, {@code AbandonmentWindows} counts abandoned requests, and {@link dev.hangup.abandonment.ClientKey} identifies a
 * client.
 */
package dev.hangup.internal.abandonment;
