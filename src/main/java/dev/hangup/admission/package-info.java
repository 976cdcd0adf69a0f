/**
 * A bounded queue in front of work that only so many may do at a time.
 */
package dev.hangup.admission;
