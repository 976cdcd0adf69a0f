/**
 * When nobody leaves and no deadline passes, a request under Hangup behaves as on plain Helidon: the same routes are
 * run both ways, and the raw bytes are compared.
 */
package dev.hangup.parity;
