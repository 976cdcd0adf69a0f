/**
 * A bounded queue in front of work whose concurrency is bounded.
 */
package dev.hangup.admission;
