/**
 * Work that is not plain blocking code on a virtual thread: what computes ({@link dev.hangup.cpu.CpuBound}), and what an
 * interrupt does not stop, or must not touch ({@link dev.hangup.Uninterruptible}).
 * <p>
 * Called from inside of a request's work, or of any other: they do the same, and stop at an interrupt of the calling thread,
 * where no race is on. They rest on {@link dev.hangup.internal.race.OffThreadTask}, and so do {@code dev.hangup.sql}, {@code
 * dev.hangup.process} and {@code dev.hangup.isolated}.
 */
package dev.hangup.cpu;
