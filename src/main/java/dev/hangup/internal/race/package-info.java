/**
 * Where the race between the work, the client's leaving and the deadline is run, and the work is stopped.
 * <p>
 * {@link dev.hangup.internal.race.RaceRunner} is the way in and {@code Race} the essay; {@code Scope} is the one class that uses
 * preview APIs, once for JDK 21 to 24 and once for JDK 25 and later; {@code ResponseView} is what the work holds in place of the
 * response, {@code ResponseOwnership} settles whose that is. {@link dev.hangup.internal.outcome.UnresponsiveRegistry} knows of
 * work that does not stop.
 */
package dev.hangup.internal.race;
