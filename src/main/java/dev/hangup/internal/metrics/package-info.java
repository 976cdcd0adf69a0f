/**
 * What a server counts, in Helidon's metrics.
 */
package dev.hangup.internal.metrics;
