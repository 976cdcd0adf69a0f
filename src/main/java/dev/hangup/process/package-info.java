/**
 * Other programs as a part of a request's work, ended with all that descends from them.
 * <p>
 * {@link dev.hangup.process.Command} is what to run, {@code CommandRun} one run of it, {@code ProcessTree} finds what descends
 * from it, and {@code TreeTermination} ends that.
 */
package dev.hangup.process;
