/**
 * How requests end, and who is told. Knows nothing of connections or threads; everything else may import it.
 */
package dev.hangup.outcome;
