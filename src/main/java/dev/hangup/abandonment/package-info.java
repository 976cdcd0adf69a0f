/**
 * Clients that abandon too many requests are refused for a while, before any work begins for them.
 * <p>
 * {@link dev.hangup.abandonment.AbandonmentConfig} says whom to refuse, {@link dev.hangup.abandonment.ClientKey} who a client
 * is. {@link dev.hangup.abandonment.AbandonmentLimiter} is for Hangup itself; its {@code Replacements} tell a search from a
 * retry, its {@code AbandonmentWindows} remember what was abandoned.
 */
package dev.hangup.abandonment;
