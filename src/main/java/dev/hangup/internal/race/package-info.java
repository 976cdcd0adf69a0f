/**
 * The race between the work of a request, the departure of its client, its deadline and the server's shutdown.
 * <p>
 * {@link dev.hangup.internal.race.RaceRunner} is the entry point, {@code Race} describes the design. {@code Scope} is the only
 * class that uses preview APIs; it has one variant for JDK 21 to 24 and one for JDK 25 and later. {@code TaskScopes} loads it.
 */
package dev.hangup.internal.race;
