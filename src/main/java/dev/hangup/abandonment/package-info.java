/**
 * Clients that abandon too many requests are refused: refused for a while, before any work begins for them.
 * <p>
 * {@link dev.hangup.abandonment.AbandonmentLimiter} is the way in; {@code ClientAddress} says who a client is,
 * {@code AbandonmentWindows} what is remembered of it.
 */
package dev.hangup.abandonment;
