/**
 * Hangup's metrics, published through Helidon's metrics. The metrics API is part of Helidon's web server; the modules that
 * expose metrics are optional.
 */
package dev.hangup.metrics;
