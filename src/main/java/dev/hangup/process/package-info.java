/**
 * Other programs as a part of a request's work, ended together with all their descendants.
 * <p>
 * {@link dev.hangup.process.Command} describes a program to run, and {@code CommandRun} is one run of it. {@code ProcessTree}
 * finds its descendants, and {@code TreeTermination} ends them.
 */
package dev.hangup.process;
