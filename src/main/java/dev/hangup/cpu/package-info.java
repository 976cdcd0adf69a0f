/**
 * Computations on platform threads, by default as many at a time as there are processors.
 */
package dev.hangup.cpu;
