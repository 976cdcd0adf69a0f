/**
 * Computations: on platform threads, as many at a time as there are cores.
 */
package dev.hangup.cpu;
