/** Benchmarks: what Hangup costs beside plain Helidon, and how fast it notices. Run by hand; they assert nothing. */
package dev.hangup.bench;
