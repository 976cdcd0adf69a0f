/**
 * Hangup: when the client hangs up, the work stops.
 * <p>
 * {@link dev.hangup.Hangup} is a feature of Helidon's web server, discovered when it is on the class path, and makes the work of
 * a route cancellable. {@link dev.hangup.Deadline} is the deadline of the current request; {@link dev.hangup.Uninterruptible}
 * runs work that an interrupt must not reach. {@link dev.hangup.Cancellation} reports whether work is cancelled, and runs its
 * cancel actions.
 * <p>
 * Every other package is one feature for applications. Packages named {@code internal} are not for use by applications and change
 * without notice.
 */
package dev.hangup;
