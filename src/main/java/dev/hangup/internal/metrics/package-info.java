/** The meters of a server, in Helidon's metrics. */
package dev.hangup.internal.metrics;
