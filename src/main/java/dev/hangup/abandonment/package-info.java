/**
 * Clients that abandon too many requests are refused for a while, before any work begins for them.
 * {@link dev.hangup.abandonment.AbandonmentConfig} says which, and {@link dev.hangup.abandonment.ClientKey} who a client is.
 */
package dev.hangup.abandonment;
