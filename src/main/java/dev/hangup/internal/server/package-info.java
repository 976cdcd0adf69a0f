/**
 * The wiring: what the feature adds to a server, the paths that are cancellable by configuration, and the readiness check.
 * Nothing imports this package.
 */
package dev.hangup.internal.server;
