/**
 * How the end of a request is reported: to listeners, to the log and to the Flight Recorder; and which work has not ended
 * although it was cancelled.
 */
package dev.hangup.internal.outcome;
