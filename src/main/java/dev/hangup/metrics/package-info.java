/**
 * What there is to know of a server under Hangup, as Helidon's metrics. Their API is part of Helidon's web server; what else
 * it takes to see them is optional.
 */
package dev.hangup.metrics;
