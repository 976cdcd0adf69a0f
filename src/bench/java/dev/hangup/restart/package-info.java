/**
 * Restarts replicas of the demo one after the other behind a proxy, and counts what its clients lose.
 */
package dev.hangup.restart;
