/**
 * What there is to know of a server under Hangup, as Helidon's metrics, and whether it is ready, as Helidon's health checks.
 * The only package that needs the modules of these, which are optional.
 */
package dev.hangup.metrics;
