/**
 * Hangup: when the client hangs up, the work stops.
 * <p>
 * {@link dev.hangup.Hangup} is the way in: a feature of Helidon's web server, found by itself when it is on the class
 * path, and two static methods that make a route's work cancellable. Inside, {@code dev.hangup.internal.connection} notices
 * that a client has left, {@code dev.hangup.internal.race} runs the race and stops the work, {@code dev.hangup.abandonment}
 * refuses clients that leave too often, {@code dev.hangup.outcome} names how requests end. Imports run in that order, from here
 * down.
 * <p>
 * Beside that are the kinds of work that an interrupt alone does not stop: {@code dev.hangup.cpu}, {@code sql}, {@code
 * process}, {@code isolated}; {@code stream} and {@code client}, for those that it does; and {@code share}, where several
 * requests wait for the same. Nobody need know of those who does not use them.
 */
package dev.hangup;
