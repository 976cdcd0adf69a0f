/**
 * Clients that abandon too many requests are refused for a while, before any work begins for them. {@code ClientAddress} says who a
 * client is, unless the application does.
 */
package dev.hangup.abandonment;
