/**
 * The abandonment limiter, which, for a while, refuses clients that abandon too many requests, before any work begins for them.
 * {@link dev.hangup.abandonment.AbandonmentConfig} configures it, and {@link dev.hangup.abandonment.ClientKey} identifies
 * clients.
 */
package dev.hangup.abandonment;
