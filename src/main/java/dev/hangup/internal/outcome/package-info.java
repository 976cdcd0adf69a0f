/**
 * Reports the end of each request to listeners, the log and Flight Recorder, and keeps track of work that has not ended
 * although it was cancelled.
 */
package dev.hangup.internal.outcome;
