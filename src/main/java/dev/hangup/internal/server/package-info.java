/**
 * Whether a server under Hangup is ready, for Helidon's health checks, whose module is optional.
 */
package dev.hangup.internal.server;
