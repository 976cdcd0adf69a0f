/**
 * Requests that did not complete, as events of the JDK's Flight Recorder (JEP 328).
 */
package dev.hangup.internal.outcome;
