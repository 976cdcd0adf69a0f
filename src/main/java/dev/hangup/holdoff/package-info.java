/**
 * Clients that abandon too many requests are held off: refused for a while, before any work begins for them.
 * <p>
 * {@link dev.hangup.holdoff.HoldOff} is the way in; {@code ClientAddress} says who a client is, {@code Windows} what is
 * remembered of it.
 */
package dev.hangup.holdoff;
