/**
 * The outcomes of requests, and the listener that is notified of them. This package depends on no other package for connections
 * or threads; every other package may import it.
 */
package dev.hangup.outcome;
