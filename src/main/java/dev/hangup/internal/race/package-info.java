/**
 * The race between the work of a request, the departure of its client, its deadline and the server's shutdown.
 * <p>
 * {@link dev.hangup.internal.race.RaceRunner} is the entry point, {@code Race} holds the essay. {@code Scope} is the one class
 * that uses preview APIs, once for JDK 21 to 24 and once for JDK 25 and later; on the former {@code Current} does, too.
 */
package dev.hangup.internal.race;
